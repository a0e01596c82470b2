"""CLI: the relocator command line, protocol version 1."""

from __future__ import annotations

import pytest

from registry_fixtures.bundles import Bundle, thin_bundle
from registry_fixtures.registry import Registry
from registry_fixtures.shapes import single
from relocation_conformance.arrivals import relocated
from relocation_conformance.destination import Destination
from relocation_conformance.refusals import assert_refused
from relocation_conformance.requirements import requirement
from relocation_conformance.targets import Target
from relocation_conformance.targets.attempt import Blank


@pytest.fixture
def good(source: Registry) -> Bundle:
    """A bundle with which nothing is wrong."""
    return thin_bundle(source.push(single(), "acme/app"))


@pytest.fixture
def bad(source: Registry) -> Bundle:
    """A bundle with an image that its registry does not have."""
    return thin_bundle((f"{source.host}/acme/none:v1", single()))


@requirement("CLI-1")
def test_success_is_exit_status_0(target: Target, good: Bundle, destination: Destination) -> None:
    """A relocation that is done ends with status 0 and leaves a mapping."""
    done = relocated(target, good, to=destination)

    assert done.status == 0
    assert set(done.mapping) == set(good.references)


@requirement("CLI-1")
def test_a_refusal_is_exit_status_1(
    target: Target, good: Bundle, bad: Bundle, source: Registry, destination: Destination
) -> None:
    """A relocation that is refused ends with status 1."""
    twin = relocated(target, good, to=destination)

    relocation = target.relocate(bad, to=destination)

    met = source.recorder.matching(repository="acme/none")
    assert_refused(relocation, twin=twin, met=met)
    assert relocation.status == 1


@requirement("CLI-2")
def test_a_refusal_gives_its_reason(
    target: Target, good: Bundle, bad: Bundle, source: Registry, destination: Destination
) -> None:
    """A relocator that refuses says something on stderr."""
    twin = relocated(target, good, to=destination)

    relocation = target.relocate(bad, to=destination)

    assert_refused(relocation, twin=twin, met=source.recorder.matching(repository="acme/none"))
    assert relocation.stderr.strip()


@requirement("CLI-3")
def test_a_missing_bundle_is_refused(
    target: Target, good: Bundle, destination: Destination
) -> None:
    """A bundle file that does not exist is refused."""
    twin = relocated(target, good, to=destination)

    relocation = target.relocate(target.folder / "none.json", to=destination)

    assert_refused(relocation, twin=twin, met=None)


@requirement("CLI-4")
@pytest.mark.parametrize(
    "path", ["/", "//app", "/app/", "/Capital", "/app:v1", "/app@v1", "/white space", '/quo"te']
)
def test_a_malformed_prefix_is_refused(
    target: Target, good: Bundle, destination: Destination, path: str
) -> None:
    """A repository prefix that no image reference can start with is refused."""
    twin = relocated(target, good, to=destination)

    relocation = target.relocate(good, to=f"{destination.prefix}{path}")

    assert_refused(relocation, twin=twin, met=None)


@requirement("CLI-5")
def test_an_unreachable_destination_is_refused(
    target: Target, good: Bundle, destination: Destination
) -> None:
    """A destination registry that cannot be reached is refused within the time-out."""
    twin = relocated(target, good, to=destination)

    relocation = target.relocate(good, to="127.0.0.1:1/app")

    assert_refused(relocation, twin=twin, met=None)


@requirement("CLI-7")
@pytest.mark.parametrize("argument", ["bundle", "prefix", "mapping"])
def test_a_missing_argument_is_refused(
    target: Target, good: Bundle, destination: Destination, argument: Blank
) -> None:
    """A command line without the bundle, the prefix or the mapping is refused."""
    twin = relocated(target, good, to=destination)

    relocation = target.relocate(good, to=destination, leave_out=[argument])

    assert_refused(relocation, twin=twin, met=None)
