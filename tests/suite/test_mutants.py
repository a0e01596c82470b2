"""Every rule has a relocator that breaks it and nothing much else, and the suite notices."""

from __future__ import annotations

import pytest

from reference_faults import FAULTS
from relocation_conformance.requirements import catalogue
from relocation_conformance.verdicts import Judgement
from suite_runs import SuiteRun, mutant, run_each_rule

BREAKS = {
    "joins-official-names-with-a-dash": ["NAME-1"],
    "hashes-the-tag-too": ["NAME-2"],
    "drops-the-tag": ["NAME-3"],
    "leaves-the-hash-out": ["NAME-4"],
    "knows-no-short-hands": ["NAME-5"],
    "never-cuts-a-name": ["NAME-6"],
    "drops-the-digest": ["NAME-7"],
    "hashes-with-sha256": ["NAME-8"],
    "mends-malformed-names": ["NAME-9"],
    "names-anew-in-each-run": ["NAME-10"],
    "maps-to-objects": ["MAP-1"],
    "maps-normalised-names": ["MAP-2", "MAP-3"],
    "writes-the-mapping-first": ["MAP-4"],
    "maps-in-any-order": ["MAP-5"],
    "pushes-no-tags": ["MAP-6", "THIN-2", "THIN-4"],
    "maps-normalised-names-as-well": ["MAP-7"],
    "writes-manifests-anew": ["DIGEST-1", "THIN-3"],
    "copies-one-platform": ["DIGEST-2"],
    "pushes-one-media-type": ["DIGEST-3"],
    "trusts-the-registry": ["DIGEST-4"],
    "ignores-contradicting-digests": ["DIGEST-5"],
    "verifies-nothing": ["DIGEST-6", "THICK-7"],
    "takes-the-root-as-proof": ["DIGEST-7"],
    "sends-all-again": ["DIGEST-8"],
    "fetches-foreign-layers": ["DIGEST-9"],
    "knows-no-nested-indexes": ["DIGEST-10"],
    "knows-sha256-alone": ["DIGEST-11"],
    "relocates-only-oci": ["TYPE-1"],
    "wants-a-type": ["TYPE-2"],
    "relocates-every-type": ["TYPE-3"],
    "forgets-images-of-other-types": ["TYPE-4"],
    "copies-only-the-first-image": ["THIN-1"],
    "pushes-no-default-tag": ["THIN-5"],
    "touches-the-bundle": ["THIN-6", "THICK-3"],
    "goes-on-after-failures": ["THIN-7", "CLI-5", "AUTH-4", "FAULT-5"],
    "copies-each-image-by-itself": ["THIN-8"],
    "asks-the-source-first": ["THICK-1"],
    "tells-bundles-by-file-name": ["THICK-2"],
    "finds-images-by-name-alone": ["THICK-4"],
    "takes-the-first-image-of-the-archive": ["THICK-5"],
    "fetches-what-the-archive-lacks": ["THICK-6"],
    "takes-what-it-cannot-read-for-empty": ["BUNDLE-1", "CLI-3"],
    "accepts-any-document": ["BUNDLE-2"],
    "refuses-extensions": ["BUNDLE-3"],
    "reads-one-invocation-image": ["BUNDLE-4"],
    "refuses-an-image-named-twice": ["BUNDLE-5"],
    "always-exits-with-0": ["CLI-1"],
    "refuses-without-a-word": ["CLI-2"],
    "mends-malformed-prefixes": ["CLI-4"],
    "prints-help-for-a-missing-argument": ["CLI-7"],
    "knows-no-basic-login": ["AUTH-1"],
    "asks-the-registry-itself-for-tokens": ["AUTH-2"],
    "has-one-login-for-all": ["AUTH-3", "AUTH-5"],
    "takes-credentials-along": ["AUTH-6"],
    "shows-its-logins": ["AUTH-7"],
    "repeats-what-registries-say": ["AUTH-8"],
    "fetches-no-anonymous-tokens": ["AUTH-9"],
    "asks-no-helpers": ["AUTH-10"],
    "takes-identity-tokens-for-passwords": ["AUTH-11"],
    "replaces-no-tokens": ["AUTH-12"],
    "takes-a-malformed-configuration-for-none": ["AUTH-13"],
    "verifies-no-certificates": ["TLS-1"],
    "ignores-ca-certificates": ["TLS-2"],
    "trusts-the-last-ca-certificate-alone": ["TLS-3"],
    "minds-no-host-names": ["TLS-4"],
    "minds-no-dates": ["TLS-5"],
    "verifies-certificates-always": ["TLS-6"],
    "skips-files-without-certificates": ["TLS-7"],
    "falls-back-to-plain-http": ["TLS-8"],
    "follows-redirects-anywhere": ["TLS-9"],
    "takes-a-part-for-the-whole": ["FAULT-1"],
    "asks-only-once": ["FAULT-2"],
    "pushes-only-once": ["FAULT-3"],
    "comes-back-too-soon": ["FAULT-4"],
    "overlooks-rejections": ["FAULT-6"],
    "drops-the-query-of-a-location": ["FAULT-7"],
    "follows-no-redirects": ["FAULT-8"],
    "takes-every-mount-for-done": ["FAULT-9"],
    "wants-an-empty-destination": ["FAULT-10"],
    "keeps-quiet-on-a-mapping-that-was-not-written": ["FAULT-11"],
    "unpacks-archives": ["SAFE-1"],
    "follows-the-links-of-an-archive": ["SAFE-2"],
    "takes-content-of-any-size": ["SAFE-3"],
    "takes-a-document-of-two-kinds-for-a-manifest": ["SAFE-4"],
    "believes-what-manifests-are-said-to-be": ["SAFE-5"],
    "takes-anything-for-a-digest": ["SAFE-6"],
    "reads-json-as-it-comes": ["SAFE-7", "SAFE-8", "SAFE-13"],
    "reads-manifests-of-any-size": ["SAFE-9"],
    "reads-descriptors-of-any-size": ["SAFE-10"],
    "prints-what-registries-say": ["SAFE-11"],
    "prints-what-bundles-say": ["SAFE-12"],
    "takes-the-last-of-two-files": ["SAFE-14"],
    "runs-the-original-image": ["RUN-1", "RUN-6"],
    "mounts-no-mapping": ["RUN-2"],
    "mounts-the-mapping-anew": ["RUN-3"],
    "mounts-a-mapping-always": ["RUN-4"],
    "uses-the-mapping-to-install-alone": ["RUN-5"],
    "uses-the-mapping-of-thin-bundles-alone": ["RUN-7"],
    "runs-what-it-finds": ["RUN-8"],
    "minds-content-digests-alone": ["RUN-9"],
    "falls-back-on-the-original-image": ["RUN-10"],
    "needs-no-entry-in-the-mapping": ["RUN-11"],
    "takes-a-malformed-mapping-for-none": ["RUN-12"],
    "forgives-failures": ["RUN-13"],
    "ends-every-failure-with-1": ["RUN-14"],
    "keeps-output-to-itself": ["RUN-15"],
    "mounts-no-bundle": ["RUN-16"],
    "mounts-the-bundle-anew": ["RUN-17"],
    "says-install-to-everything": ["RUN-18"],
    "keeps-one-revision": ["RUN-19"],
    "puts-values-into-the-environment-alone": ["RUN-20", "RUN-24"],
    "fills-in-no-defaults": ["RUN-21"],
    "requires-no-parameters": ["RUN-22"],
    "takes-any-value": ["RUN-23"],
    "requires-no-credentials": ["RUN-25"],
    "trusts-as-it-likes-where-it-runs-images": ["RUN-26"],
}
RULES = {rule: name for name, rules in BREAKS.items() for rule in rules}

SAMPLE = [
    "NAME-9",
    "MAP-2",
    "MAP-6",
    "DIGEST-4",
    "DIGEST-7",
    "TYPE-3",
    "TYPE-4",
    "THIN-5",
    "THIN-8",
    "THICK-2",
    "THICK-6",
    "BUNDLE-4",
    "CLI-2",
    "AUTH-6",
    "AUTH-8",
    "TLS-1",
    "TLS-8",
    "FAULT-1",
    "SAFE-2",
    "SAFE-6",
    "RUN-6",
    "RUN-8",
    "RUN-12",
    "RUN-25",
]

CRASHES = {"SAFE-7", "SAFE-8"}
"""Rules that a crash breaks, and nothing else does."""


@pytest.fixture(scope="module")
def mutated(tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    """The checks of each rule, run against the mutant that breaks it."""
    targets = {rule: mutant("mutant", name) for rule, name in RULES.items()}
    return run_each_rule(tmp_path_factory.mktemp("mutated"), targets)


@pytest.fixture(scope="module")
def unmutated(tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    """The checks of some rules, run against the reference in the same way."""
    targets = dict.fromkeys(SAMPLE, mutant("mutant", "unmutated"))
    return run_each_rule(tmp_path_factory.mktemp("unmutated"), targets)


def test_every_rule_has_a_mutant_that_breaks_it() -> None:
    assert sorted(RULES) == sorted(catalogue())


def test_every_fault_breaks_a_rule() -> None:
    assert sorted(BREAKS) == sorted(FAULTS.keys() - {"unmutated"})


@pytest.mark.parametrize("rule", RULES)
def test_mutant_breaks_its_rule(mutated: SuiteRun, rule: str) -> None:
    assert mutated.judged[rule].judgement is Judgement.BROKEN


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule not in CRASHES])
def test_mutant_breaks_its_rule_without_a_crash(mutated: SuiteRun, rule: str) -> None:
    assert "crashed: " not in mutated.judged[rule].reason


@pytest.mark.parametrize("rule", SAMPLE)
def test_reference_keeps_the_rule(unmutated: SuiteRun, rule: str) -> None:
    assert unmutated.judged[rule].judgement is Judgement.KEPT
