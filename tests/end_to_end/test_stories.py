"""The two stories of the relocation guide, on real registries and with a real engine.

Acme relocates a thin bundle in a DMZ and installs it behind that; Gringotts Wizarding Bank does all
of it, with a thick bundle, in a data centre that is connected to nothing.
"""

import hashlib
import json
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import docker
import pytest

from isolated_registry import Request, from_container
from reference_runs import repository_of
from registry_fixtures.content import Node
from stories import DMZ, INTERNAL, OUTSIDE, Bank, Story, acme, bank
from story_bundles import Software
from telling import INSTALLATION, AcmeTold, Told, tell_acme, tell_bank


@pytest.fixture(scope="module")
def acme_told(forge: Software, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AcmeTold]:
    with acme(forge, tmp_path_factory.mktemp("acme")) as story:
        yield tell_acme(story)


@pytest.fixture(scope="module")
def bank_told(sort: Software, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told[Bank]]:
    with bank(sort, tmp_path_factory.mktemp("bank")) as story:
        yield tell_bank(story)


@pytest.fixture(scope="module", params=["acme", "bank"])
def told(request: pytest.FixtureRequest) -> Told[Story]:
    """Each story in turn."""
    found: Told[Story] = request.getfixturevalue(f"{request.param}_told")
    return found


@pytest.mark.parametrize("action", ["install", "upgrade"])
def test_action_installs_what_the_mapping_names(told: Told[Story], action: str) -> None:
    """The invocation image fetched it all, found it to be what the bundle says, and unpacked it."""
    fetched = [f"fetched {name}" for _, name in sorted(told.mapping.items())]
    greeting = told.story.software.greeting

    assert told.actions.said[action].splitlines() == [
        f"{action} {INSTALLATION}",
        *fetched,
        greeting,
    ]


@pytest.mark.parametrize("action", ["status", "uninstall"])
def test_action_runs_from_the_relocated_invocation_image(told: Told[Story], action: str) -> None:
    """A custom action and the last one need no more than it."""
    assert told.actions.said[action] == f"{action} {INSTALLATION}\n"


def test_every_name_is_mapped_to_the_internal_registry(told: Told[Story]) -> None:
    """So nothing that is fetched by the mapping comes from anywhere else."""
    assert set(told.mapping) == set(told.story.bundle.references)
    assert all(name.startswith(f"{INTERNAL}/team/") for name in told.mapping.values())


def test_engine_pulls_the_invocation_image_from_the_internal_registry(told: Told[Story]) -> None:
    """It had no image at all before."""
    pulled = {each.path for each in served(told.actions.installing) if not from_container(each)}

    assert paths_of(told, "installer") <= pulled


@pytest.mark.parametrize("name", ["installer", "app"])
def test_container_fetches_images_from_the_internal_registry(told: Told[Story], name: str) -> None:
    """The registry's own log says so, of requests that came over the engine's bridge."""
    fetched = {each.path for each in served(told.actions.installing) if from_container(each)}

    assert {path for path in paths_of(told, name) if "/blobs/" in path} <= fetched


@pytest.mark.parametrize("name", ["installer", "app"])
def test_registry_has_what_the_bundle_named(told: Told[Story], name: str) -> None:
    """Our own client reads it by the relocated name's tag and by every digest, byte for byte."""
    image = told.story.software.images[name]
    relocated = relocated_name(told, name)
    repository, tag = repository_of(relocated), relocated.rpartition(":")[2]

    with told.story.internal.client() as client:
        assert client.resolve(repository, tag) == image.digest
        assert all(client.read(repository, node) == node.content for node in image.walk())


def test_relocation_is_proven_at_the_site(told: Told[Story]) -> None:
    """`relocator verify` needs nothing that is not there."""
    verdicts = {image["image"]: image["verdict"] for image in told.actions.verified["images"]}

    assert verdicts == dict.fromkeys(told.story.bundle.references, "proven")


def test_installation_is_recorded_to_its_end(told: Told[Story]) -> None:
    """`relocator show` tells of every action, in order, as ended well."""
    shown = json.loads(told.story.site.relocator("show", INSTALLATION, "--json"))

    assert [(each["action"], each["status"]) for each in shown["actions"]] == [
        ("install", "succeeded"),
        ("upgrade", "succeeded"),
        ("status", "succeeded"),
        ("uninstall", "succeeded"),
    ]


def test_nothing_is_installed_without_the_mapping(told: Told[Story]) -> None:
    """The names in the bundle lead nowhere from there, also where it brings its images along."""
    done = told.story.site.run("relocator", "install", "unmapped", told.file)

    original = told.story.bundle.references[0].partition("/")[0]
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: {original} ")


def test_acme_production_cannot_reach_the_outside_registry(acme_told: AcmeTold) -> None:
    """The network holds that, whatever is run there."""
    with (
        acme_told.story.site.namespace.entered(),
        pytest.raises(OSError, match="Network is unreachable"),
    ):
        connect_to(OUTSIDE)


def test_acme_containers_cannot_reach_the_outside_registry(acme_told: AcmeTold) -> None:
    """What an invocation image does in production gets no further."""
    assert is_reached(acme_told, INTERNAL)
    assert not is_reached(acme_told, OUTSIDE)


def test_acme_dmz_reaches_both_registries(acme_told: AcmeTold) -> None:
    """What production cannot reach is up, and out of its reach only."""
    with acme_told.story.dmz.namespace.entered():
        connect_to(OUTSIDE)
        connect_to(INTERNAL)


def test_acme_production_cannot_relocate(acme_told: AcmeTold) -> None:
    """The images are to be had in the DMZ only."""
    options = ("-p", f"{INTERNAL}/other", "-m", "other.json")

    done = acme_told.story.site.run("relocator", "relocate", acme_told.file, *options)

    assert done.returncode == 1
    assert f"{OUTSIDE} cannot be reached" in done.stderr


def test_acme_relocation_reads_the_outside_registry(acme_told: AcmeTold) -> None:
    """Every piece of every image comes from there, and the DMZ alone asks for it."""
    read = served(acme_told.relocating)
    images = acme_told.story.software.images.values()

    assert {node.digest for image in images for node in image.blobs()} <= {
        Path(request.path).name for request in read
    }
    assert {request.client for request in read} == {DMZ}


def test_acme_outside_registry_is_asked_for_nothing_after_relocation(acme_told: AcmeTold) -> None:
    """It was up all the time, and what it said was read at the end."""
    assert acme_told.relocating != []
    assert acme_told.later == []


def test_bank_site_is_connected_to_nothing(bank_told: Told[Bank]) -> None:
    """Its kernel knows no way but over the bridge of its own engine."""
    routes = json.loads(bank_told.story.site.run("ip", "-json", "route").stdout)

    assert {route["dev"] for route in routes} == {"docker0"}
    assert "default" not in {route["dst"] for route in routes}


def test_bank_archive_is_byte_identical_afterwards(bank_told: Told[Bank]) -> None:
    """What was relocated and installed is what the supplier handed over."""
    story = bank_told.story

    assert sha256_of(story.site.folder / bank_told.file) == sha256_of(
        story.supplier.folder / bank_told.file
    )


def test_bank_relocation_is_proven_by_the_archive(bank_told: Told[Bank]) -> None:
    """Beside the bundle's word there is that of the images it brought along."""
    assert bank_told.actions.verified["thick"]
    for image in bank_told.actions.verified["images"]:
        assert {given["by"] for given in image["given"]} == {"contentDigest", "archive"}


def relocated_name(told: Told[Story], name: str) -> str:
    order = list(told.story.software.images)
    return told.mapping[told.story.bundle.references[order.index(name)]]


def paths_of(told: Told[Story], name: str) -> set[str]:
    """Where an image and all below it are in the internal registry."""

    def path(node: Node) -> str:
        return f"/v2/{repository}/{'manifests' if node.is_manifest else 'blobs'}/{node.digest}"

    repository = repository_of(relocated_name(told, name))
    return {path(node) for node in told.story.software.images[name].walk()}


def served(requests: list[Request]) -> list[Request]:
    return [each for each in requests if each.method == "GET" and each.status == 200]


def connect_to(host: str) -> None:
    address, _, port = host.partition(":")
    with socket.create_connection((address, int(port)), timeout=10):
        pass


def is_reached(told: AcmeTold, host: str) -> bool:
    """Tell whether a container in production gets an answer from a registry."""
    installer = told.story.software.images["installer"]
    pinned = f"{INTERNAL}/{repository_of(relocated_name(told, 'installer'))}@{installer.digest}"
    # Nobody answers a packet that is not passed on, so there is a limit; and a shell, because a
    # container's first process cannot be ended by one inside.
    ask = f"busybox timeout 3 busybox wget -q -O /dev/null https://{host}/v2/; exit $?"
    engine = told.story.site.environment["DOCKER_HOST"]
    with closing(docker.DockerClient(base_url=engine, timeout=30)) as client:
        container = client.containers.create(pinned, entrypoint=["/bin/busybox", "sh", "-c", ask])
        container.start()
        return bool(container.wait()["StatusCode"] == 0)


def sha256_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
