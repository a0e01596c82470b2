"""The use case: bundle and prefix in, images in place and their mapping out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from relocator.bundles import BundleImage, read_bundle
from relocator.digests import check_digest
from relocator.errors import Refusal
from relocator.layout import Layout
from relocator.manifests import Manifest
from relocator.mapping import check_mapping_path, write_mapping
from relocator.names import ImageName, parse, parse_prefix, relocated
from relocator.progress import Progress
from relocator.registry import Registries, Repository
from relocator.transfer import Graph, RepositorySource, blob_transfers, push_manifests, read_graph
from relocator.workers import Workers

DEFAULT_TAG = "latest"
"""What an image without tag and digest is pulled and pushed as (THIN-5)."""


@dataclass(frozen=True, slots=True)
class Move:
    """One image to be moved: all that the bundle calls it, and the digest it must have."""

    name: ImageName
    target: ImageName
    references: tuple[str, ...] = ()
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """A move whose image has been read: where everything of it belongs."""

    move: Move
    graph: Graph
    repository: Repository


def relocate(
    bundle_path: Path,
    prefix: str,
    mapping_path: Path,
    registries: Registries,
    progress: Progress,
    jobs: int,
) -> None:
    """Copy the bundle's images under *prefix*, *jobs* at a time, then write the mapping.

    Raises `Refusal`; the mapping file is then as it was (MAP-4).
    """
    prefix = parse_prefix(prefix)
    check_mapping_path(mapping_path, bundle_path)
    bundle = read_bundle(bundle_path)
    mapping = mapping_of(bundle.images, prefix)
    moves = plan_moves(bundle.images, prefix)
    with Workers(jobs) as workers:
        # Every image is read, and checked against what the bundle says of it, before any is pushed.
        placements = workers.each(partial(_read, registries, bundle.layout), moves)
        _check_tags(placements)
        _push(placements, mapping, progress, workers)
    write_mapping(mapping_path, mapping)


def _push(
    placements: list[Placement], mapping: dict[str, str], progress: Progress, workers: Workers
) -> None:
    transfers = blob_transfers((each.graph, each.repository) for each in placements)
    progress.planned(len(mapping), sum(transfer.blob.size for transfer in transfers))
    sent = set[tuple[str, str]]().union(*workers.each(lambda each: each.run(progress), transfers))

    def push(placement: Placement) -> None:
        graph, repository, tag = placement.graph, placement.repository, placement.move.target.tag
        is_new = any((repository.path, blob.digest) in sent for blob in graph.blobs())
        with _naming(placement.move.references[0]):
            push_manifests(graph, repository, [tag] if tag else [], is_new=is_new)
        for reference in placement.move.references:
            progress.placed(reference, mapping[reference])

    workers.each(push, placements)


def as_read(name: ImageName) -> ImageName:
    """Return *name* as registries are asked for it: with `latest` where it has no tag or digest."""
    return name if name.tag or name.digest else replace(name, tag=DEFAULT_TAG)


def plan_moves(images: Iterable[BundleImage], prefix: str) -> list[Move]:
    """Return the distinct images to move; names of one image are one move, resolved once.

    Raises `Refusal` for a name outside the grammar (NAME-9) and where the bundle states two
    digests for one image (DIGEST-5).
    """
    moves: dict[ImageName, Move] = {}
    for image in images:
        if not image.is_relocated:
            continue
        name = as_read(_parse(image))
        move = moves.get(name) or Move(name, relocated(name, prefix), digest=name.digest)
        moves[name] = _extended(move, image)
    return list(moves.values())


def _extended(move: Move, image: BundleImage) -> Move:
    stated = image.content_digest
    if stated:
        with _naming(f"{image.place}.contentDigest"):
            check_digest(stated)
    if move.digest and stated and move.digest != stated:
        raise Refusal(f"{image.place}: {image.reference} is {move.digest}, not {stated}")
    references = dict.fromkeys([*move.references, image.reference])
    return replace(move, references=tuple(references), digest=move.digest or stated)


def mapping_of(images: Sequence[BundleImage], prefix: str) -> dict[str, str]:
    """Return the mapping: every reference verbatim; one that is not relocated maps to itself.

    Source: CNAB 103, "MUST include in its keys all the image references" (MAP-2, TYPE-4).
    """
    mapping = {image.reference: image.reference for image in images}
    relocatable = (image for image in images if image.is_relocated)
    return mapping | {each.reference: str(relocated(_parse(each), prefix)) for each in relocatable}


def _parse(image: BundleImage) -> ImageName:
    with _naming(image.place):
        return parse(image.reference)


@contextmanager
def _naming(what: str) -> Iterator[None]:
    """Say of what a refusal speaks."""
    try:
        yield
    except Refusal as refusal:
        raise Refusal(f"{what}: {refusal}") from None


def _read(registries: Registries, layout: Layout | None, move: Move) -> Placement:
    name, target = move.name, move.target
    with _naming(move.references[0]):
        if layout:
            root = layout.resolve(name, move.references, move.digest)
            graph = read_graph(layout, _expected(root, move))
        else:
            source = RepositorySource(registries.repository(name.domain, name.path))
            graph = read_graph(source, _expected(source.resolve(name), move))
    return Placement(move, graph, registries.repository(target.domain, target.path))


def _expected(root: Manifest, move: Move) -> Manifest:
    if move.digest and root.digest != move.digest:
        raise Refusal(f"its digest is {root.digest}, where the bundle says {move.digest}")
    return root


def _check_tags(placements: Iterable[Placement]) -> None:
    """Refuse two images that would have to be at one tag."""
    holders: dict[tuple[str, str], Placement] = {}
    for placement in placements:
        target = placement.move.target
        if not target.tag:
            continue
        holder = holders.setdefault((target.repository, target.tag), placement)
        if holder.graph.root.digest != placement.graph.root.digest:
            one, other = holder.move.references[0], placement.move.references[0]
            raise Refusal(f"{one} and {other} are different images that need the same tag")
