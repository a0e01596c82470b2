"""BUNDLE: which bundles are accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from registry_fixtures.bundles import thick_bundle, thin_bundle
from registry_fixtures.registry import Registry
from registry_fixtures.shapes import single
from relocation_conformance.arrivals import relocated
from relocation_conformance.destination import Destination
from relocation_conformance.refusals import assert_refused
from relocation_conformance.requirements import requirement
from relocation_conformance.targets import Target

NAME = "registry.example.com/acme/app:v1"
Document = dict[str, Any]


@requirement("BUNDLE-1")
@pytest.mark.parametrize(
    "content",
    [b"", b"name: bundle\n", b'{"name": "bundle",', b"\x1f\x8b\x08\x00"],
    ids=["empty", "YAML", "cut off", "half a thick bundle"],
)
def test_what_is_not_json_is_refused(
    target: Target, source: Registry, destination: Destination, content: bytes
) -> None:
    """A bundle that is not JSON is refused."""
    twin = thin_bundle(source.push(single(), "acme/app"))
    path = target.folder / "bundle.json"
    path.write_bytes(content)

    relocation = target.relocate(path, to=destination)

    assert_refused(relocation, twin=target.relocate(twin, to=destination), met=None)


def without(field: str) -> Callable[[Document], object]:
    """Return an edit that takes a field away."""
    return lambda bundle: bundle.pop(field)


@requirement("BUNDLE-2")
@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(without("invocationImages"), id="no invocation images"),
        pytest.param(without("name"), id="no name"),
        pytest.param(without("version"), id="no version"),
        pytest.param(without("schemaVersion"), id="no schema version"),
        pytest.param(lambda b: b.update(invocationImages=[]), id="empty invocation images"),
        pytest.param(lambda b: b.update(images=[NAME]), id="images in an array"),
        pytest.param(lambda b: b["images"]["image-0001"].pop("image"), id="no image in an image"),
        pytest.param(lambda b: b["images"]["image-0001"].update(image=1), id="a number as image"),
        pytest.param(
            lambda b: b["images"]["image-0001"].update(contentDigest="sha256:beef"),
            id="a short content digest",
        ),
    ],
)
def test_json_that_is_no_bundle_is_refused_before_anything_is_pushed(
    target: Target,
    source: Registry,
    destination: Destination,
    edit: Callable[[Document], object],
) -> None:
    """JSON that is not a bundle descriptor is refused, and nothing is pushed."""
    images = [source.push(single(seed), f"acme/app-{seed}") for seed in range(2)]
    bundle = thin_bundle(*images)
    twin = target.relocate(bundle, to=destination.afresh())
    destination.recorder.clear()

    relocation = target.relocate(bundle.edited(edit), to=destination)

    assert_refused(relocation, twin=twin, met=None)
    assert destination.writes() == ()


def extend(bundle: Document) -> None:
    """Add a custom extension, and fields of an image that nothing here knows."""
    bundle["custom"] = {"com.example.billing": {"tier": ["gold", 1, None]}}
    bundle["invocationImages"][0].update(size=1234, mediaType="application/vnd.example", labels={})


@requirement("BUNDLE-3")
def test_unknown_extensions_do_not_matter(
    target: Target, source: Registry, destination: Destination
) -> None:
    """A bundle with custom extensions that nobody requires is relocated."""
    original = source.push(single(), "acme/app")

    done = target.relocate(thin_bundle(original).edited(extend), to=destination)

    assert destination.resolve(done.mapping[original.reference]) == original.digest


@requirement("BUNDLE-4")
def test_all_invocation_images_are_relocated(
    target: Target, source: Registry, destination: Destination
) -> None:
    """Every invocation image is relocated, not only the first."""
    originals = [source.push(single(seed), f"acme/invocation-{seed}") for seed in range(3)]

    def to_invocation_images(bundle: Document) -> None:
        bundle["invocationImages"] += bundle.pop("images").values()

    bundle = thin_bundle(*originals).edited(to_invocation_images)

    done = target.relocate(bundle, to=destination)

    for original in originals:
        assert destination.resolve(done.mapping[original.reference]) == original.digest


@requirement("BUNDLE-5")
@pytest.mark.parametrize("make", [thin_bundle, thick_bundle], ids=["thin", "thick"])
def test_an_image_named_twice_is_one_entry(
    target: Target, source: Registry, destination: Destination, make: Callable[..., Any]
) -> None:
    """A bundle that names one image more than once is relocated, with one entry for it."""
    original = source.push(single(), "acme/app")

    done = relocated(target, make(original, original, original), to=destination)

    assert list(done.mapping) == [original.reference]
