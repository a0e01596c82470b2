"""A relocator as one might write it in an evening breaks what it does wrong, and nothing else."""

from __future__ import annotations

import pytest

from relocation_conformance.verdicts import Judgement
from suite_runs import RELOCATOR_RULES, TWO_WORKERS, SuiteRun, mutant, run_suite

ANEW = "writes manifests anew, so that no digest is kept"
LOCKED_OUT = "answers no challenge, so that no registry which asks for credentials lets it in"
NO_TLS = "speaks plain HTTP alone, and knows no options for TLS"
BROKEN = {
    "NAME-3": "gives names without a tag the tag latest",
    "NAME-4": "keeps only the last component of a path",
    "NAME-6": "never cuts a long name",
    "NAME-7": "drops digests",
    "NAME-8": "keeps only the last component of a path",
    "NAME-9": "reads any text as a name, as long as the registry takes the outcome",
    "MAP-4": "writes the mapping after each image",
    "DIGEST-1": ANEW,
    "DIGEST-2": "copies the first platform of an index only",
    "DIGEST-3": "puts a manifest where an index was",
    "DIGEST-4": "does not read contentDigest",
    "DIGEST-5": "does not read contentDigest",
    "DIGEST-6": "does not verify what it gets",
    "DIGEST-7": "puts no manifest of an index in place under its digest",
    "DIGEST-8": "sends every blob without asking",
    "DIGEST-9": "fetches layers that no registry holds",
    "DIGEST-10": "takes an index for a manifest",
    "DIGEST-11": "names what it sends by sha256",
    "TYPE-1": ANEW,
    "TYPE-2": ANEW,
    "TYPE-3": "does not read imageType",
    "THIN-1": ANEW,
    "THIN-2": ANEW,
    "THIN-3": ANEW,
    "THIN-4": ANEW,
    "THIN-5": ANEW,
    "THIN-8": "copies each image by itself",
    "THICK-1": ANEW,
    "THICK-2": "looks at the name of the file",
    "THICK-3": ANEW,
    "THICK-4": ANEW,
    "THICK-5": "takes the first image in the archive",
    "THICK-6": "takes the first image in the archive",
    "THICK-7": "does not verify what the archive holds",
    "BUNDLE-2": "looks at no more of a bundle than it needs",
    "BUNDLE-3": ANEW,
    "BUNDLE-4": "relocates the first invocation image only",
    "FAULT-2": "asks once",
    "FAULT-3": "pushes once",
    "SAFE-1": "unpacks the archive as it is",
    "SAFE-2": "unpacks the archive as it is",
    "SAFE-3": "does not read sizes",
    "SAFE-4": "looks at no more of a manifest than it needs",
    "SAFE-5": "goes by what is in a document",
    "SAFE-6": "asks for whatever stands in the place of a digest",
    "SAFE-7": "reads all JSON, and ends in a traceback where it cannot",
    "SAFE-8": "reads all JSON, and ends in a traceback where it cannot",
    "SAFE-9": "reads as long as something comes",
    "SAFE-10": "unpacks the archive as it is",
    "SAFE-13": "takes the last of two keys",
    "SAFE-14": "takes the last of two files",
    "CLI-7": "exits with status 2 for a wrong command line, as argparse does",
    "AUTH-1": LOCKED_OUT,
    "AUTH-2": LOCKED_OUT,
    "AUTH-3": LOCKED_OUT,
    "AUTH-4": LOCKED_OUT,
    "AUTH-5": LOCKED_OUT,
    "AUTH-6": LOCKED_OUT,
    "AUTH-7": LOCKED_OUT,
    "AUTH-8": LOCKED_OUT,
    "AUTH-9": LOCKED_OUT,
    "AUTH-10": LOCKED_OUT,
    "AUTH-11": LOCKED_OUT,
    "AUTH-12": LOCKED_OUT,
    "AUTH-13": "does not read config.json",
    "TLS-1": NO_TLS,
    "TLS-2": NO_TLS,
    "TLS-3": NO_TLS,
    "TLS-4": NO_TLS,
    "TLS-5": NO_TLS,
    "TLS-6": NO_TLS,
    "TLS-7": NO_TLS,
    "TLS-8": NO_TLS,
    "TLS-9": NO_TLS,
}
KEPT = {
    "NAME-1": "puts the prefix and a slash before each name",
    "NAME-2": "names the repository by its path alone",
    "NAME-5": "names ubuntu and library/ubuntu by their last component",
    "NAME-10": "needs nothing but the name",
    "MAP-1": "writes an object of strings",
    "MAP-2": "takes each reference as it stands in the bundle",
    "MAP-3": "names ubuntu and library/ubuntu by their last component",
    "MAP-5": "writes the mapping in the order of the bundle",
    "MAP-6": "maps to the names that it has pushed to",
    "MAP-7": "maps nothing else",
    "TYPE-4": "maps an image of any type, or refuses the bundle",
    "THIN-6": "only reads the bundle",
    "THIN-7": "takes a 404 for a failure",
    "BUNDLE-1": "takes JSON alone",
    "BUNDLE-5": "keeps the mapping in a dict",
    "CLI-1": "exits with 0 or 1",
    "CLI-2": "prints the error",
    "CLI-3": "prints the error",
    "CLI-4": "gets a failure from the registry, which takes no such name",
    "CLI-5": "has a time-out",
    "FAULT-1": "uses a library that notices",
    "FAULT-4": "does not come back at all",
    "FAULT-5": "takes a 503 for a failure, and uses a library that counts redirects",
    "FAULT-6": "takes a 403 for a failure",
    "FAULT-7": "uploads to where it is told",
    "FAULT-8": "uses a library that follows redirects",
    "FAULT-9": "mounts nothing",
    "FAULT-10": "does everything again",
    "FAULT-11": "takes what the system says for a failure",
    "SAFE-11": "prints no more of an answer than its status",
    "SAFE-12": "prints URLs, which have such characters escaped",
}


@pytest.fixture(scope="module")
def naive(tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    """The whole suite, run against the naive relocator."""
    return run_suite(tmp_path_factory.mktemp("naive"), mutant("naive"), *TWO_WORKERS)


@pytest.mark.parametrize("rule", BROKEN)
def test_rule_is_broken(naive: SuiteRun, rule: str) -> None:
    assert naive.judged[rule].judgement is Judgement.BROKEN, f"the naive target {BROKEN[rule]}"


@pytest.mark.parametrize("rule", KEPT)
def test_rule_is_kept(naive: SuiteRun, rule: str) -> None:
    assert naive.judged[rule].judgement is Judgement.KEPT, f"the naive target {KEPT[rule]}"


def test_it_is_known_of_every_rule_whether_it_is_broken() -> None:
    assert sorted([*BROKEN, *KEPT]) == sorted(RELOCATOR_RULES)


def test_nothing_is_an_error_of_the_suite(naive: SuiteRun) -> None:
    assert naive.rules(Judgement.SUITE_ERROR) == set()


def test_run_fails(naive: SuiteRun) -> None:
    assert naive.status == pytest.ExitCode.TESTS_FAILED
