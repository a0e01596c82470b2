"""Faults in what is copied, what is sent twice or not at all, and what is verified."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from reference_faults.faults import fault, swap
from relocator import digests, layout, manifests, transfer
from relocator import relocate as use_case
from relocator.bundles import BundleImage
from relocator.manifests import Descriptor, Manifest
from relocator.registry import Repository
from relocator.transfer import Graph


@fault
def writes_manifests_anew() -> None:
    original = Repository.put_manifest

    def put(self: Repository, reference: str, manifest: Manifest) -> None:
        content = json.dumps(json.loads(manifest.content), indent=1).encode()
        if ":" in reference:
            reference = digests.digest_of(content)
        original(self, reference, replace(manifest, content=content))

    swap(Repository, "put_manifest", put)


@fault
def copies_one_platform() -> None:
    original = transfer.read_graph

    def read(source: transfer.Source, root: Manifest) -> Graph:
        return original(source, source.manifest(root.manifests[0]) if root.manifests else root)

    swap(use_case, "read_graph", read)


@fault
def pushes_one_media_type() -> None:
    original = Repository.put_manifest

    def put(self: Repository, reference: str, manifest: Manifest) -> None:
        descriptor = replace(manifest.descriptor, media_type=manifests.MANIFEST_TYPES[1])
        original(self, reference, replace(manifest, descriptor=descriptor))

    swap(Repository, "put_manifest", put)


@fault
def copies_only_the_first_image() -> None:
    original = use_case.plan_moves
    swap(use_case, "plan_moves", lambda images, prefix: original(images, prefix)[:1])


@fault
def pushes_no_tags() -> None:
    push_tags(lambda _: False)


@fault
def pushes_no_default_tag() -> None:
    push_tags(lambda tag: tag != use_case.DEFAULT_TAG)


def push_tags(wanted: Callable[[str], bool]) -> None:
    original = transfer.push_manifests

    def push(graph: Graph, place: Repository, tags: Iterable[str], **options: Any) -> None:
        original(graph, place, list(filter(wanted, tags)), **options)

    swap(use_case, "push_manifests", push)


@fault
def fetches_foreign_layers() -> None:
    swap(Descriptor, "distributable", property(lambda _: True))


@fault
def knows_no_nested_indexes() -> None:
    swap(transfer, "_DEEPEST", 1)


@fault
def knows_sha256_alone() -> None:
    digests.HEX_LENGTHS.pop("sha512")


@fault
def takes_the_root_as_proof() -> None:
    push, transfers = transfer.push_manifests, transfer.blob_transfers

    def is_there(graph: Graph, place: Repository) -> bool:
        return place.has("manifests", graph.root.digest)

    def push_new(graph: Graph, place: Repository, *arguments: Any, **options: Any) -> None:
        if not is_there(graph, place):
            push(graph, place, *arguments, **options)

    def new_transfers(placed: Iterable[tuple[Graph, Repository]]) -> list[Any]:
        return transfers(each for each in placed if not is_there(*each))

    swap(use_case, "push_manifests", push_new)
    swap(use_case, "blob_transfers", new_transfers)


@fault
def sends_all_again() -> None:
    swap(Repository, "has", lambda *_: False)


@fault
def copies_each_image_by_itself() -> None:
    original = transfer.blob_transfers

    def transfers(placed: Iterable[tuple[Graph, Repository]]) -> list[Any]:
        return [blob for each in placed for blob in original([each])]

    swap(use_case, "blob_transfers", transfers)


def trust(root: Manifest, _: use_case.Move) -> Manifest:
    return root


@fault
def trusts_the_registry() -> None:
    swap(use_case, "_expected", trust)


@fault
def ignores_contradicting_digests() -> None:
    original = use_case._extended

    def extended(move: use_case.Move, image: BundleImage) -> use_case.Move:
        return original(move, replace(image, content_digest=move.digest or image.content_digest))

    swap(use_case, "_extended", extended)


@fault
def verifies_nothing() -> None:
    original = manifests.read_manifest

    def read(content: bytes, media_type: str, _: str) -> Manifest:
        return original(content, media_type, digests.digest_of(content))

    swap((transfer, layout), "read_manifest", read)
    swap(transfer, "verified", lambda chunks, *_: chunks)
    swap(use_case, "_expected", trust)
