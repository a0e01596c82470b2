"""MAP: the relocation mapping file."""

from __future__ import annotations

import json

import pytest

from registry_fixtures.bundles import thick_bundle, thin_bundle
from registry_fixtures.faults import Fault, answer, reference
from registry_fixtures.images import image, layers
from registry_fixtures.registry import Registry
from registry_fixtures.shapes import single
from relocation_conformance.arrivals import relocated
from relocation_conformance.destination import Destination
from relocation_conformance.refusals import assert_refused
from relocation_conformance.requirements import requirement
from relocation_conformance.targets import Target
from relocation_schemas import Invalid, validate

IMAGE = image(layers(1))
SPELLINGS = [
    "ubuntu",
    "ubuntu:latest",
    "library/ubuntu",
    "docker.io/ubuntu",
    "docker.io/library/ubuntu:18.10",
    "index.docker.io/library/ubuntu",
    "gcr.io/acme/app/web:v1",
    "localhost:5000/app",
    f"acme/app@{IMAGE.digest}",
    f"acme/app:v1@{IMAGE.digest}",
]


@requirement("MAP-1")
def test_the_mapping_is_an_object_of_strings(target: Target, destination: Destination) -> None:
    """The relocation mapping is a JSON object whose values are all strings."""
    done = relocated(target, thick_bundle(*((n, IMAGE) for n in SPELLINGS)), to=destination)

    assert done.mapping_bytes is not None
    try:
        validate(json.loads(done.mapping_bytes), "relocation-mapping-cnab")
    except Invalid as problem:
        raise AssertionError(f"the mapping is not valid: {problem}") from None


@requirement("MAP-2")
def test_every_reference_is_a_key_verbatim(target: Target, destination: Destination) -> None:
    """Every image reference of the bundle is a key of the mapping, spelled as in the bundle."""
    bundle = thick_bundle(*((name, IMAGE) for name in SPELLINGS))

    done = relocated(target, bundle, to=destination)

    missing = sorted(set(bundle.references) - set(done.mapping))
    assert missing == []


@requirement("MAP-3")
def test_equivalent_references_have_an_entry_each(target: Target, destination: Destination) -> None:
    """Equivalent references are entries of their own, whose values name one image."""
    equivalent = ["ubuntu:18.10", "library/ubuntu:18.10", "docker.io/library/ubuntu:18.10"]

    done = relocated(target, thick_bundle(*((n, IMAGE) for n in equivalent)), to=destination)

    assert {done.mapping[name] for name in equivalent} == {done.mapping["ubuntu:18.10"]}


@requirement("MAP-4")
@pytest.mark.parametrize("old", [b"an older mapping", None], ids=["over an old file", "no file"])
def test_a_failure_leaves_the_old_mapping(
    target: Target, source: Registry, destination: Destination, old: bytes | None
) -> None:
    """A relocation that does not succeed leaves the mapping file as it was, or absent."""
    good, bad = source.push(single(), "acme/good"), source.push(single("bad"), "acme/bad")
    fault = source.faults.add(Fault(answer(404), reference(bad.node.blobs()[-1].digest)))
    file = target.folder / "mapping.json"
    if old is not None:
        file.write_bytes(old)

    relocation = target.relocate(thin_bundle(good, bad), to=destination, mapping=file)

    source.faults.clear()
    twin = target.relocate(thin_bundle(good, bad), to=destination.afresh())
    assert_refused(relocation, twin=twin, met=range(fault.hits))


@requirement("MAP-5")
def test_two_runs_write_the_same_bytes(
    target: Target, source: Registry, destination: Destination
) -> None:
    """Two relocations of one bundle to one prefix write the same mapping, byte for byte."""
    bundle = thin_bundle(*(source.push(single(seed), f"acme/app-{seed}") for seed in range(8)))

    first = relocated(target, bundle, to=destination)
    second = target.relocate(bundle, to=destination)

    assert second.mapping == first.mapping
    assert second.mapping_bytes == first.mapping_bytes


@requirement("MAP-6")
def test_every_value_can_be_read_at_the_destination(
    target: Target, source: Registry, destination: Destination
) -> None:
    """Every value of the mapping names an image that can be read at the destination."""
    one, other = source.push(single(), "acme/one"), source.push(single("other"), "acme/other")
    references = [one.reference, one.pinned, other.tagged_and_pinned]
    bundle = thin_bundle(*zip(references, [one.node, one.node, other.node], strict=True))

    done = target.relocate(bundle, to=destination)

    read = [destination.manifest(done.mapping[name])[0] for name in references]
    assert all(read)


@requirement("MAP-7")
def test_nothing_but_the_bundles_references_is_a_key(
    target: Target, destination: Destination
) -> None:
    """The mapping has no key that the bundle does not name, such as a name in its full form."""
    bundle = thick_bundle(*((name, IMAGE) for name in SPELLINGS))

    done = relocated(target, bundle, to=destination)

    assert sorted(set(done.mapping) - set(bundle.references)) == []
