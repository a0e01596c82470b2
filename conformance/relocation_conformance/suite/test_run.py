"""RUN: runtimes that use a relocation mapping."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from registry_fixtures.bundles import thick_bundle
from registry_fixtures.invocation_images import REGISTRY
from registry_fixtures.registry import Registry
from registry_fixtures.server import Front
from registry_fixtures.tls import TLS
from relocation_conformance.destination import Destination
from relocation_conformance.references import parse
from relocation_conformance.refusals import assert_not_run
from relocation_conformance.requirements import requirement
from relocation_conformance.suite.registries import Registries
from relocation_conformance.suite.relocated_bundles import (
    CUSTOM_ACTION,
    Document,
    RelocatedBundle,
    relocated_bundle,
    taking,
)
from relocation_conformance.targets import Action, Outcome, Runtime
from relocation_conformance.targets.drivers import Driver
from relocation_conformance.targets.engine import Engine

ACTIONS = ["install", "upgrade", "uninstall", CUSTOM_ACTION]


def install(runtime: Runtime, driver: Driver, relocated: RelocatedBundle) -> Action:
    """Install *relocated* with its mapping."""
    return runtime.act("install", relocated.bundle, driver=driver, mapping=relocated.mapping)


def assert_relocated(action: Action, relocated: RelocatedBundle, destination: Destination) -> None:
    """Hold that *action* ran the relocated invocation image, named with its digest or without."""
    moved, given = relocated.moved, action.given
    if given.image is None:
        assert destination.recorder.matching(kind="manifests", repository=moved.name)
        return
    image = parse(given.image)
    names = {(moved.tag, None), (None, moved.digest), (moved.tag, moved.digest)}
    assert image.repository == moved.repository, f"{image} was run\n{action.evidence}"
    assert (image.tag, image.digest) in names, f"{image} was run\n{action.evidence}"


@requirement("RUN-1")
def test_the_relocated_invocation_image_is_run(
    runtime: Runtime, any_driver: Driver, source: Registry, destination: Destination
) -> None:
    """The invocation image that is run is the one that the mapping gives."""
    relocated = relocated_bundle(any_driver, source, destination, "RUN-1")

    done = install(runtime, any_driver, relocated)

    assert_relocated(done, relocated, destination)


@requirement("RUN-2")
def test_the_mapping_is_in_the_container(
    runtime: Runtime, any_driver: Driver, source: Registry, destination: Destination
) -> None:
    """The mapping that the runtime was given is in the container."""
    relocated = relocated_bundle(any_driver, source, destination, "RUN-2")

    done = install(runtime, any_driver, relocated)

    assert done.given.mapping is not None, done.evidence
    assert json.loads(done.given.mapping) == relocated.names


@requirement("RUN-3")
def test_the_mapping_in_the_container_is_the_same_byte_for_byte(
    runtime: Runtime, driver: Driver, source: Registry, destination: Destination
) -> None:
    """The mapping in the container is the one that the runtime was given, byte for byte."""
    relocated = relocated_bundle(driver, source, destination, "RUN-3")

    done = install(runtime, driver, relocated)

    assert done.given.mapping == relocated.mapping


@requirement("RUN-4")
def test_without_a_mapping_there_is_none_in_the_container(
    runtime: Runtime, driver: Driver, source: Registry, destination: Destination
) -> None:
    """A bundle that was not relocated is run without a file for a mapping."""
    bundle = relocated_bundle(driver, source, destination, "RUN-4").bundle

    done = runtime.act("install", bundle, driver=driver)

    assert done.given.mapping is None


@requirement("RUN-5")
@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_uses_the_mapping(
    runtime: Runtime, any_driver: Driver, source: Registry, destination: Destination, action: str
) -> None:
    """Each kind of action runs the relocated invocation image."""
    relocated = relocated_bundle(any_driver, source, destination, f"RUN-5 {action}")
    if action != "install":
        install(runtime, any_driver, relocated)
        destination.recorder.clear()

    done = runtime.act(action, relocated.bundle, driver=any_driver, mapping=relocated.mapping)

    assert_relocated(done, relocated, destination)


@requirement("RUN-6")
def test_the_original_registries_are_not_contacted(
    runtime: Runtime, any_driver: Driver, source: Registry, destination: Destination
) -> None:
    """No action contacts a registry that the bundle names, though it would answer."""
    relocated = relocated_bundle(any_driver, source, destination, "RUN-6")

    performed = [
        runtime.act(action, relocated.bundle, driver=any_driver, mapping=relocated.mapping)
        for action in ("install", "upgrade", CUSTOM_ACTION, "uninstall")
    ]

    assert all(each.given for each in performed)
    assert source.recorder.exchanges == ()


@requirement("RUN-6")
@pytest.mark.docker
def test_what_the_mapping_names_is_pulled_in_the_place_of_the_originals(
    runtime: Runtime, engine: Engine, source: Registry, destination: Destination, inside: Front
) -> None:
    """The invocation image finds all images by the mapping, and nobody asks for the originals."""
    relocated = relocated_bundle(engine, source, destination, "RUN-6 pulled").edited(
        taking("registry", {"type": "string"}, env=REGISTRY)
    )

    done = runtime.act(
        "install",
        relocated.bundle,
        driver=engine,
        mapping=relocated.mapping,
        parameters={"registry": inside.url.removeprefix("http://")},
    )

    assert done.given.files["/cnab/seed"] == b"RUN-6 pulled"
    pulled = inside.recorder.matching(method="GET", kind="manifests", status=200)
    assert {each.repository for each in pulled} == {
        parse(name).path for name in relocated.names.values()
    }
    assert source.recorder.exchanges == ()


@requirement("RUN-7")
def test_a_thick_bundle_is_run_from_its_relocated_images(
    runtime: Runtime, any_driver: Driver, source: Registry, destination: Destination
) -> None:
    """A thick bundle is run like a thin one."""
    relocated = relocated_bundle(any_driver, source, destination, "RUN-7", make=thick_bundle)

    done = install(runtime, any_driver, relocated)

    assert_relocated(done, relocated, destination)
    assert done.given.mapping == relocated.mapping


@requirement("RUN-8")
def test_an_invocation_image_that_is_not_its_content_digest_is_refused(
    runtime: Runtime, driver: Driver, source: Registry, destination: Destination
) -> None:
    """Another image under the relocated name, than the bundle's contentDigest says, is not run."""
    relocated = relocated_bundle(driver, source, destination, "RUN-8")
    destination.push(driver.image("RUN-8, another"), "installer", "v1")

    refused = install(runtime, driver, relocated)

    met = destination.recorder.matching(kind="manifests", repository=relocated.moved.name)
    destination.push(relocated.moved.node, "installer", "v1")
    assert_not_run(refused, twin=install(runtime.afresh(), driver, relocated), met=met)


def without_content_digest(bundle: Document) -> None:
    """Take the contentDigest of the invocation image away."""
    del bundle["invocationImages"][0]["contentDigest"]


@requirement("RUN-9")
def test_an_invocation_image_that_is_not_the_digest_of_its_reference_is_refused(
    runtime: Runtime, any_driver: Driver, source: Registry, destination: Destination
) -> None:
    """Another image under the relocated name, than the bundle's reference says, is not run."""
    relocated = relocated_bundle(any_driver, source, destination, "RUN-9").pinned()
    install(runtime.afresh(), any_driver, relocated).given  # noqa: B018
    relocated = relocated.edited(without_content_digest)
    twin = install(runtime.afresh(), any_driver, relocated)
    if twin.outcome is Outcome.REFUSED:
        # CNAB has it that a runtime should say so.
        pytest.skip("the runtime runs no bundle without a contentDigest")
    destination.push(any_driver.image("RUN-9, another"), "installer", "v1")

    refused = install(runtime, any_driver, relocated)

    assert_not_run(refused, twin=twin)


@requirement("RUN-10")
def test_an_invocation_image_that_is_not_at_the_destination_is_refused(
    runtime: Runtime, any_driver: Driver, source: Registry, destination: Destination
) -> None:
    """An invocation image that the destination lacks is refused, although the original is there."""
    relocated = relocated_bundle(any_driver, source, destination, "RUN-10")
    twin = install(runtime.afresh(), any_driver, relocated)
    missing = relocated.mapped({relocated.original.reference: f"{destination.prefix}/none:v1"})
    destination.recorder.clear()

    refused = install(runtime, any_driver, missing)

    assert_not_run(refused, twin=twin, met=destination.recorder.matching(kind="manifests"))
    assert source.recorder.exchanges == ()


@requirement("RUN-11")
@pytest.mark.parametrize("kept", [0, 1], ids=["empty", "without the invocation image"])
def test_a_mapping_that_lacks_the_invocation_image_is_refused(
    runtime: Runtime, any_driver: Driver, source: Registry, destination: Destination, kept: int
) -> None:
    """A mapping without an entry for the invocation image is refused, and nothing is pulled."""
    relocated = relocated_bundle(any_driver, source, destination, f"RUN-11 {kept}")
    others = {name: to for name, to in relocated.names.items() if to != relocated.moved.reference}
    lacking = json.dumps(dict(list(others.items())[:kept])).encode()

    refused = runtime.act("install", relocated.bundle, driver=any_driver, mapping=lacking)

    asked = (*source.recorder.exchanges, *destination.recorder.exchanges)
    assert_not_run(refused, twin=install(runtime.afresh(), any_driver, relocated))
    assert asked == ()


@requirement("RUN-12")
@pytest.mark.parametrize(
    "defect", ["no bytes", "not JSON", "cut off", "an array", "a number as value", "no file"]
)
def test_what_is_no_mapping_is_refused(
    runtime: Runtime, any_driver: Driver, source: Registry, destination: Destination, defect: str
) -> None:
    """A mapping that is not a JSON object of strings is refused, and nothing is pulled."""
    relocated = relocated_bundle(any_driver, source, destination, f"RUN-12 {defect}")
    good = json.dumps(dict(relocated.names)).encode()
    mappings: dict[str, bytes | Path] = {
        "no bytes": b"",
        "not JSON": b"\n".join(f"{name} {to}".encode() for name, to in relocated.names.items()),
        "cut off": good[:-1],
        "an array": b"[" + good + b"]",
        "a number as value": good[:-1] + b', "acme/other": 1}',
        "no file": runtime.folder / "none.json",
    }

    refused = runtime.act("install", relocated.bundle, driver=any_driver, mapping=mappings[defect])

    asked = (*source.recorder.exchanges, *destination.recorder.exchanges)
    twin = runtime.afresh().act("install", relocated.bundle, driver=any_driver, mapping=good)
    assert_not_run(refused, twin=twin)
    assert asked == ()


@requirement("RUN-26")
@pytest.mark.parametrize("trusted_by", ["--ca-cert-path", "--skip-tls-verify"])
def test_a_destination_with_tls_is_trusted_as_asked_for(
    runtime: Runtime,
    recording: Driver,
    source: Registry,
    destination: Destination,
    registries: Registries,
    folder: Path,
    trusted_by: str,
) -> None:
    """An invocation image is read over TLS, with what the command line says of trust."""
    tls = TLS()
    trusted = folder / "trusted"
    trusted.mkdir()
    ca = tls.write_ca(trusted)
    secured = registries(tls=tls, beside=destination.registry)
    relocated = relocated_bundle(recording, source, destination, f"RUN-26 {trusted_by}")
    moved = {name: f"{secured.host}/{parse(to).path}:v1" for name, to in relocated.names.items()}

    done = runtime.act(
        "install",
        relocated.bundle,
        driver=recording,
        mapping=json.dumps(moved).encode(),
        ca_certs=[ca] if trusted_by == "--ca-cert-path" else [],
        skip_tls_verify=trusted_by == "--skip-tls-verify",
    )

    assert parse(done.given.image or "").domain == secured.host
    assert secured.recorder.matching(kind="manifests", repository=relocated.moved.name, status=200)
