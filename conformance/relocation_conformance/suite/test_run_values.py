"""RUN: what a runtime tells an invocation image, and what it hears from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from registry_fixtures.invocation_images import FILES
from registry_fixtures.registry import Registry
from relocation_conformance.destination import Destination
from relocation_conformance.refusals import assert_not_run
from relocation_conformance.requirements import requirement
from relocation_conformance.suite.relocated_bundles import (
    CUSTOM_ACTION,
    Document,
    RelocatedBundle,
    crediting,
    relocated_bundle,
    taking,
)
from relocation_conformance.targets import Runtime
from relocation_conformance.targets.drivers import SAYS_ON_STDERR, SAYS_ON_STDOUT, Driver
from relocation_conformance.targets.engine import Engine
from relocation_conformance.targets.runtime import INSTALLATION

PORT = {"type": "integer", "minimum": 1024, "maximum": 65535, "default": 8080}
ODD = 'quoted "twice", \\ and $HOME\nin two lines, at 1 €'
AT = f"{FILES}/somewhere/deep"


@requirement("RUN-13")
def test_a_failure_of_the_invocation_image_is_one_of_the_action(
    runtime: Runtime, any_driver: Driver, source: Registry, destination: Destination
) -> None:
    """An action ends with an exit status other than 0 when the invocation image does."""
    failing = any_driver.ending_with(3)
    relocated = relocated_bundle(failing, source, destination, "RUN-13")

    ended = runtime.act("install", relocated.bundle, driver=failing, mapping=relocated.mapping)

    assert len(ended.runs) == 1, ended.evidence
    assert ended.status, ended.evidence


@requirement("RUN-14")
@pytest.mark.parametrize("status", [0, 7])
def test_the_exit_status_is_the_invocation_images(
    runtime: Runtime, driver: Driver, source: Registry, destination: Destination, status: int
) -> None:
    """The exit status of an action is that of the invocation image."""
    ending = driver.ending_with(status)
    relocated = relocated_bundle(ending, source, destination, f"RUN-14 {status}")

    ended = runtime.act("install", relocated.bundle, driver=ending, mapping=relocated.mapping)

    assert len(ended.runs) == 1, ended.evidence
    assert ended.status == status, ended.evidence


@pytest.fixture
def relocated(
    request: pytest.FixtureRequest, any_driver: Driver, source: Registry, destination: Destination
) -> RelocatedBundle:
    """A bundle with images of the check's own."""
    return relocated_bundle(any_driver, source, destination, request.node.name)


@requirement("RUN-15")
def test_what_the_invocation_image_writes_is_passed_on(
    runtime: Runtime, any_driver: Driver, relocated: RelocatedBundle
) -> None:
    """What the invocation image writes to stdout and stderr can be read there."""
    done = runtime.act("install", relocated.bundle, driver=any_driver, mapping=relocated.mapping)

    assert len(done.runs) == 1, done.evidence
    assert SAYS_ON_STDOUT in done.stdout
    assert SAYS_ON_STDERR in done.stderr


@requirement("RUN-16")
def test_the_bundle_is_in_the_container(
    runtime: Runtime, driver: Driver, source: Registry, destination: Destination
) -> None:
    """The bundle descriptor, with the original references, is in the container."""
    relocated = relocated_bundle(driver, source, destination, "RUN-16")

    done = runtime.act("install", relocated.bundle, driver=driver, mapping=relocated.mapping)

    assert json.loads(done.given.bundle) == relocated.bundle.document


@requirement("RUN-17")
def test_the_bundle_in_the_container_is_the_original(
    runtime: Runtime, any_driver: Driver, relocated: RelocatedBundle, folder: Path
) -> None:
    """The bundle descriptor in the container is the original, byte for byte."""
    content = json.dumps(relocated.bundle.document, indent=3).encode() + b"\r\n"
    bundle = folder / "bundle.json"
    bundle.write_bytes(content)

    done = runtime.act("install", bundle, driver=any_driver, mapping=relocated.mapping)

    assert done.given.bundle == content


@requirement("RUN-18")
@pytest.mark.parametrize("action", ["install", CUSTOM_ACTION])
def test_the_environment_tells_what_is_done(
    runtime: Runtime, any_driver: Driver, relocated: RelocatedBundle, action: str
) -> None:
    """The three variables name the action, the installation and the bundle."""
    if action != "install":
        runtime.act("install", relocated.bundle, driver=any_driver, mapping=relocated.mapping)

    done = runtime.act(action, relocated.bundle, driver=any_driver, mapping=relocated.mapping)

    environment = done.given.environment
    assert environment["CNAB_ACTION"] == action
    assert environment["CNAB_INSTALLATION_NAME"] == INSTALLATION
    assert environment["CNAB_BUNDLE_NAME"] == relocated.bundle.document["name"]


@requirement("RUN-19")
def test_every_change_has_a_revision_of_its_own(
    runtime: Runtime, any_driver: Driver, relocated: RelocatedBundle
) -> None:
    """Upgrades and the uninstall each have a revision that was not there before."""
    install, *changes = [
        runtime.act(action, relocated.bundle, driver=any_driver, mapping=relocated.mapping)
        for action in ("install", "upgrade", "upgrade", "uninstall")
    ]

    first = install.given.environment.get("CNAB_REVISION", "")
    revisions = [each.given.environment["CNAB_REVISION"] for each in changes]
    assert "" not in revisions
    assert len({first, *revisions}) == 4


@requirement("RUN-20")
@pytest.mark.parametrize(
    ("definition", "value", "expected"),
    [
        pytest.param({"type": "string"}, ODD, ODD, id="a text"),
        pytest.param({"type": "string"}, "8080", "8080", id="a text of digits"),
        pytest.param(PORT, 9000, "9000", id="a number"),
        pytest.param({"type": "boolean"}, True, "true", id="a truth value"),
    ],
)
def test_a_parameter_is_where_the_bundle_declares_it(
    runtime: Runtime,
    any_driver: Driver,
    relocated: RelocatedBundle,
    definition: Document,
    value: object,
    expected: str,
) -> None:
    """A parameter from a file is in its environment variable and in its file."""
    taking_it = relocated.edited(taking("setting", definition, env="GIVEN_SETTING", path=AT))

    done = runtime.act(
        "install",
        taking_it.bundle,
        driver=any_driver,
        mapping=taking_it.mapping,
        parameters={"setting": value},
    )

    assert done.given.environment["GIVEN_SETTING"] == expected
    assert done.given.files[AT] == expected.encode()


@requirement("RUN-20")
@pytest.mark.parametrize("value", ["9000", "1024"])
def test_a_parameter_of_the_command_line_is_where_the_bundle_declares_it(
    runtime: Runtime, any_driver: Driver, relocated: RelocatedBundle, value: str
) -> None:
    """A parameter that is set on the command line is read as its definition says."""
    taking_it = relocated.edited(taking("port", PORT, env="GIVEN_PORT", path=AT))

    done = runtime.act(
        "install",
        taking_it.bundle,
        driver=any_driver,
        mapping=taking_it.mapping,
        settings={"port": value},
    )

    assert done.given.environment["GIVEN_PORT"] == value
    assert done.given.files[AT] == value.encode()


@requirement("RUN-20", "RUN-24")
@pytest.mark.docker
def test_parameters_and_credentials_are_in_the_container(
    runtime: Runtime, engine: Engine, source: Registry, destination: Destination
) -> None:
    """A container has parameters and credentials in its environment and among its files."""
    relocated = relocated_bundle(engine, source, destination, "RUN-20").edited(
        taking("setting", {"type": "string"}, env="GIVEN_SETTING", path=f"{AT}/setting")
    )
    relocated = relocated.edited(crediting("token", env="GIVEN_TOKEN", path=f"{AT}/token"))

    done = runtime.act(
        "install",
        relocated.bundle,
        driver=engine,
        mapping=relocated.mapping,
        parameters={"setting": ODD},
        credentials={"token": f"{ODD}, secret"},
    )

    assert done.given.environment["GIVEN_SETTING"] == ODD
    assert done.given.files[f"{AT}/setting"] == ODD.encode()
    assert done.given.environment["GIVEN_TOKEN"] == f"{ODD}, secret"
    assert done.given.files[f"{AT}/token"] == f"{ODD}, secret".encode()


@requirement("RUN-21")
def test_a_default_is_filled_in(
    runtime: Runtime, any_driver: Driver, relocated: RelocatedBundle
) -> None:
    """A parameter without a value has the default of its definition, required or not."""
    taking_it = relocated.edited(taking("port", PORT, env="GIVEN_PORT", required=True))

    done = runtime.act("install", taking_it.bundle, driver=any_driver, mapping=taking_it.mapping)

    assert done.given.environment["GIVEN_PORT"] == "8080"


@requirement("RUN-22")
def test_a_missing_parameter_is_refused(
    runtime: Runtime, any_driver: Driver, relocated: RelocatedBundle
) -> None:
    """An action without a value for a parameter that it requires is refused."""
    wanting = relocated.edited(
        taking("setting", {"type": "string"}, env="GIVEN_SETTING", required=True)
    )

    refused = runtime.act("install", wanting.bundle, driver=any_driver, mapping=wanting.mapping)

    twin = runtime.afresh().act(
        "install",
        wanting.bundle,
        driver=any_driver,
        mapping=wanting.mapping,
        parameters={"setting": "given"},
    )
    assert_not_run(refused, twin=twin)


@requirement("RUN-23")
@pytest.mark.parametrize("value", [80, "many", True], ids=["too small", "a text", "a truth value"])
def test_a_value_that_its_definition_does_not_allow_is_refused(
    runtime: Runtime, any_driver: Driver, relocated: RelocatedBundle, value: object
) -> None:
    """A value of a parameter that its definition does not allow is refused."""
    taking_it = relocated.edited(taking("port", PORT, env="GIVEN_PORT"))

    refused, twin = [
        runtime.afresh().act(
            "install",
            taking_it.bundle,
            driver=any_driver,
            mapping=taking_it.mapping,
            parameters={"port": each},
        )
        for each in (value, 9000)
    ]

    assert_not_run(refused, twin=twin)


@requirement("RUN-24")
def test_a_credential_is_where_the_bundle_declares_it(
    runtime: Runtime, any_driver: Driver, relocated: RelocatedBundle
) -> None:
    """A credential is in its environment variable and in its file."""
    wanting = relocated.edited(crediting("token", env="GIVEN_TOKEN", path=AT))

    done = runtime.act(
        "install",
        wanting.bundle,
        driver=any_driver,
        mapping=wanting.mapping,
        credentials={"token": ODD},
    )

    assert done.given.environment["GIVEN_TOKEN"] == ODD
    assert done.given.files[AT] == ODD.encode()


@requirement("RUN-25")
def test_a_missing_credential_is_refused(
    runtime: Runtime, any_driver: Driver, relocated: RelocatedBundle
) -> None:
    """An action without a credential that it requires is refused."""
    wanting = relocated.edited(crediting("token", env="GIVEN_TOKEN", required=True))

    refused = runtime.act("install", wanting.bundle, driver=any_driver, mapping=wanting.mapping)

    twin = runtime.afresh().act(
        "install",
        wanting.bundle,
        driver=any_driver,
        mapping=wanting.mapping,
        credentials={"token": "given"},
    )
    assert_not_run(refused, twin=twin)
