"""A registry that is named with its credentials opens to the target as it does to the suite."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from registry_fixtures.auth import Auth, Basic, Token
from registry_fixtures.embedded import EmbeddedRegistry
from relocation_conformance.evidence import SUITE

USER, PASSWORD = "ann", "s3cr3t-w0rd"


@pytest.fixture(params=[Basic, Token], ids=["basic", "token"])
def locked(request: pytest.FixtureRequest) -> Iterator[EmbeddedRegistry]:
    """A registry that takes nothing from strangers."""
    auth: Auth = request.param(USER, PASSWORD)
    with EmbeddedRegistry(auth=auth) as registry:
        yield registry


@pytest.fixture
def run(pytester: pytest.Pytester, locked: EmbeddedRegistry) -> pytest.RunResult:
    """A check of relocators and one of runtimes, with the registry named by its URL."""
    return pytester.run(
        sys.executable, "-m", "pytest",
        f"{SUITE}/test_type.py::test_images_of_type_oci_and_docker_are_relocated",
        f"{SUITE}/test_run.py::test_the_relocated_invocation_image_is_run",
        "--target", "reference", "--runtime-target", "reference", "-m", "not docker",
        "--registry", f"http://{USER}:{PASSWORD}@{locked.host}", "--report", "out",
        "-q", "-p", "no:randomly", "-p", "no:cacheprovider",
    )  # fmt: skip


def test_relocator_and_runtime_get_in(run: pytest.RunResult) -> None:
    assert run.ret == 0
    run.stdout.fnmatch_lines(["* kept: TYPE-1", "* kept: RUN-1"])


def test_password_is_told_to_nobody(run: pytest.RunResult, pytester: pytest.Pytester) -> None:
    written = [each.read_bytes() for each in (pytester.path / "out").rglob("*") if each.is_file()]

    assert PASSWORD not in run.stdout.str() + run.stderr.str()
    assert written
    assert not any(PASSWORD.encode() in content for content in written)
