"""Real programs, built, pushed, relocated by the reference, pulled and run by a real engine.

An invocation image, an application and a two-platform index of that go from one registry to
another, named by a thin bundle; then, with the first registry gone, out of a thick one.
"""

import secrets
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import docker
import pytest
import urllib3
from docker.errors import ContainerError

from real_engine import Engine, Recipe
from real_images import (
    Original,
    Pulled,
    Relocated,
    app_of,
    digests,
    installer_of,
    pull_and_run,
    read_image,
    relocate,
)
from reference_runs import repository_of
from registry_fixtures.bundles import thick_bundle, thin_bundle
from registry_fixtures.containers import ContainerRegistry
from registry_fixtures.content import Node
from registry_fixtures.images import index, platform_fields

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as engine:
        yield engine


@pytest.fixture(scope="module")
def foreign(engine: Engine) -> str:
    """An architecture that the engine is not of."""
    return "amd64" if engine.architecture == "arm64" else "arm64"


@pytest.fixture(scope="module")
def source() -> Iterator[ContainerRegistry]:
    """The first registry; the thick bundle's relocation stops it."""
    with ContainerRegistry("distribution") as registry:
        yield registry


@pytest.fixture(scope="module")
def originals(
    busybox: Path, engine: Engine, source: ContainerRegistry, foreign: str
) -> dict[str, Original]:
    """The bundle's images: built and pushed by the engine, the index made of what it pushed."""
    run = secrets.token_hex(4)  # no other run's images have these layers, or say this

    def push(tagged: str, recipe: Recipe, architecture: str = engine.architecture) -> Node:
        name = f"{source.host}/{tagged}"
        engine.build(name, recipe, f"linux/{architecture}")
        engine.push(name)
        platform = {"platform": platform_fields(f"linux/{architecture}")}
        return replace(read_image(source, *tagged.split(":")), descriptor_fields=platform)

    installer = push("acme/installer:v1", installer_of(busybox, f"installer {run}"))
    app = push("acme/app:v1-native", app_of(busybox, f"application {run}"))
    other = push("acme/app:v1-foreign", app_of(busybox, f"elsewhere {run}"), foreign)
    both = index(app, other)
    source.put_manifest("acme/app", "v1", both.content, both.media_type)

    acme = f"{source.host}/acme"
    return {
        "installer": Original(f"{acme}/installer:v1", installer, installer, f"installer {run}\n"),
        "app": Original(f"{acme}/app:v1-native", app, app, f"application {run}\n"),
        "index": Original(f"{acme}/app:v1", both, app, f"application {run}\n"),
    }


@pytest.fixture(scope="module")
def thin(
    originals: dict[str, Original], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Relocated]:
    """A thin bundle of the images, relocated to a second registry."""
    with ContainerRegistry("distribution") as registry:
        folder = tmp_path_factory.mktemp("thin")
        yield relocate(thin_bundle(*originals.values()), registry, folder)


@pytest.fixture(scope="module")
def thick(
    thin: Relocated,
    source: ContainerRegistry,
    originals: dict[str, Original],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Relocated]:
    """The same as a thick bundle, relocated to a fresh registry once the first one is gone."""
    assert thin.mapping, "the thin bundle, which needs the first registry, comes first"
    # The second registry is there before the first one's port is free.
    with ContainerRegistry("distribution") as registry:
        source.stop()
        folder = tmp_path_factory.mktemp("thick")
        yield relocate(thick_bundle(*originals.values()), registry, folder)


@pytest.fixture(scope="module", params=["thin", "thick"])
def relocated(request: pytest.FixtureRequest) -> Relocated:
    """The bundle's images in the second registry, from each kind of bundle in turn."""
    found: Relocated = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module", params=["installer", "app", "index"])
def original(request: pytest.FixtureRequest, originals: dict[str, Original]) -> Original:
    """Each image of the bundle in turn."""
    return originals[request.param]


@pytest.fixture(scope="module")
def by_name(engine: Engine, relocated: Relocated, original: Original) -> Pulled:
    """An image as the engine has it by the name that the mapping gives."""
    return pull_and_run(engine, relocated.registry, relocated.name(original))


@pytest.fixture(scope="module")
def by_digest(engine: Engine, relocated: Relocated, original: Original) -> Pulled:
    """An image as the engine has it by the mapped repository and the original digest."""
    return pull_and_run(engine, relocated.registry, relocated.pinned(original))


def test_mapping_has_every_image_at_the_second_registry(
    relocated: Relocated, originals: dict[str, Original]
) -> None:
    """Each reference of the bundle is mapped to a name under the prefix."""
    assert set(relocated.mapping) == {original.reference for original in originals.values()}
    prefix = f"{relocated.registry.host}/team/"
    assert all(name.startswith(prefix) for name in relocated.mapping.values())


def test_image_is_in_the_second_registry_byte_for_byte(
    relocated: Relocated, original: Original
) -> None:
    """All that the engine pushed is served under the same digests, every platform included."""
    repository = repository_of(relocated.name(original))

    served = {node: relocated.registry.read(repository, node) for node in original.node.walk()}

    assert all(content == node.content for node, content in served.items())


def test_image_runs_by_its_mapped_name(by_name: Pulled, original: Original) -> None:
    """What is pulled by the name that the mapping gives does what the original does."""
    assert by_name.said == original.says


def test_image_runs_by_its_digest(by_digest: Pulled, original: Original) -> None:
    """What is pulled from the mapped repository by the original digest does so too."""
    assert by_digest.said == original.says


def test_mapped_name_has_the_original_digest(
    by_name: Pulled, relocated: Relocated, original: Original
) -> None:
    """The engine finds under the mapped name what it would find under the digest."""
    assert by_name.pinned == [relocated.pinned(original)]


def test_engine_gives_the_image_an_id_of_its_own_content(
    by_name: Pulled, by_digest: Pulled, original: Original
) -> None:
    """By name and by digest it is one image, and its id is a digest in what was pushed."""
    assert by_name.identity == by_digest.identity
    assert by_name.identity in digests(original.node)


def test_engine_fetches_the_image_from_the_second_registry(
    by_name: Pulled, original: Original
) -> None:
    """Every blob that runs comes over the wire: the engine had none left from building it."""
    assert by_name.fetched == {blob.digest for blob in original.runnable.blobs()}


def test_other_platform_is_pulled_from_the_index(
    engine: Engine, relocated: Relocated, originals: dict[str, Original], foreign: str
) -> None:
    """The platform that this machine does not run has been relocated no less."""
    both = originals["index"]

    image = engine.pull(relocated.name(both), platform=f"linux/{foreign}")

    assert image.attrs["Architecture"] == foreign
    assert image.attrs["RepoDigests"] == [relocated.pinned(both)]
    assert image.id in digests(both.node) - digests(both.runnable)


def test_thick_bundle_needs_no_first_registry(thick: Relocated, source: ContainerRegistry) -> None:
    """The images are in the second registry, and nobody answers where the bundle had them."""
    assert thick.registry.catalog() != []
    for url in (source.url, source.upstream):
        with pytest.raises(urllib3.exceptions.HTTPError):
            urllib3.request("GET", f"{url}/v2/", retries=False, timeout=10)


def test_nothing_is_left_in_the_engine_after_a_failure(busybox: Path) -> None:
    """Images and containers are removed whatever ends the work with them."""
    name = f"localhost/fails:{secrets.token_hex(4)}"
    engine = Engine()

    with closing(docker.from_env()) as observer:
        with pytest.raises(ContainerError), engine:
            build_and_fail(engine, observer, name, busybox)

        mine = {"label": engine.label}
        assert observer.images.list(all=True, filters=mine) == []
        assert observer.containers.list(all=True, filters=mine) == []


def build_and_fail(engine: Engine, observer: docker.DockerClient, name: str, busybox: Path) -> None:
    engine.build(name, Recipe(busybox, {}, ("/bin/busybox", "false")))
    observer.containers.create(name)  # as a run that is broken off leaves one
    engine.run(name)
