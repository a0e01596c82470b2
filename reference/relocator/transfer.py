"""Copy an image graph, byte for byte: blobs first, then manifests, children before parents."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from relocator.digests import CANONICAL, Mismatch, algorithm_of, digest_of, verified
from relocator.errors import Refusal
from relocator.manifests import Descriptor, Manifest, read_manifest
from relocator.names import ImageName
from relocator.progress import Progress
from relocator.registry import Missing, Repository

_DEEPEST = 16
"""Indexes within indexes; nobody nests them deeper in earnest."""


class Source(Protocol):
    """Where an image comes from: a repository, or the layout of a thick bundle."""

    @property
    def repository(self) -> Repository | None:
        """The repository, if it is one, to mount blobs from."""

    def manifest(self, descriptor: Descriptor) -> Manifest:
        """Return the manifest that *descriptor* names, verified."""

    def blob(self, descriptor: Descriptor) -> Iterator[bytes]:
        """Yield the bytes that *descriptor* names, unverified."""


@dataclass(frozen=True, slots=True)
class RepositorySource:
    """A repository as a source of images."""

    repository: Repository

    def resolve(self, name: ImageName) -> Manifest:
        """Return the manifest at the digest or else the tag of *name*, under its own digest."""
        content, media_type = self.repository.manifest(name.digest or name.tag or "")
        return read_manifest(content, media_type, name.digest or digest_of(content))

    def manifest(self, descriptor: Descriptor) -> Manifest:
        """Return the manifest that *descriptor* names, verified."""
        content, _ = self.repository.manifest(descriptor.digest, descriptor.media_type)
        return read_manifest(content, descriptor.media_type, descriptor.digest)

    def blob(self, descriptor: Descriptor) -> Iterator[bytes]:
        """Yield a blob's bytes, unverified."""
        return self.repository.blob(descriptor)


@dataclass(frozen=True, slots=True)
class Graph:
    """An image as a whole: its manifests, children before parents, the root last."""

    source: Source
    manifests: tuple[Manifest, ...]

    @property
    def root(self) -> Manifest:
        """The manifest or index that the image's digest names."""
        return self.manifests[-1]

    def blobs(self) -> Iterator[Descriptor]:
        """Yield what the manifests need beside them, repeats and all (not DIGEST-9's layers)."""
        for manifest in self.manifests:
            yield from (blob for blob in manifest.blobs if blob.distributable)


def _refuse(_: Descriptor, refusal: Refusal) -> Manifest | None:
    raise refusal


def read_graph(
    source: Source,
    root: Manifest,
    lost: Callable[[Descriptor, Refusal], Manifest | None] = _refuse,
) -> Graph:
    """Read everything below *root* but the blobs.

    *lost* is told of each manifest that is not there, and why. It raises the `Refusal`, or returns
    the manifest from elsewhere, or nothing: what is below that manifest is then left out.
    """
    seen: set[str] = {root.digest}

    def below(manifest: Manifest, depth: int) -> Iterator[Manifest]:
        if depth > _DEEPEST:
            raise Refusal(f"its indexes are nested more than {_DEEPEST} deep")
        for child in manifest.manifests:
            if child.digest not in seen:
                seen.add(child.digest)
                if found := fetched(child):
                    yield from below(found, depth + 1)
        yield manifest

    def fetched(child: Descriptor) -> Manifest | None:
        try:
            return _sized(source.manifest(child), child)
        except Refusal as refusal:
            return lost(child, refusal)

    return Graph(source, tuple(below(root, 0)))


def _sized(manifest: Manifest, descriptor: Descriptor) -> Manifest:
    if manifest.descriptor.size != descriptor.size:
        raise Mismatch(f"{manifest.digest} is not of the size that its descriptor states")
    return manifest


@dataclass(slots=True)
class Reading:
    """A blob as it is read, which may take more than one attempt."""

    source: Source
    blob: Descriptor
    progress: Progress
    passed: int = 0

    def chunks(self) -> Iterator[bytes]:
        """Yield the blob's bytes, each checked and counted (DIGEST-2, DIGEST-6)."""
        self.progress.moved(-self.passed)  # a new attempt begins at nought
        self.passed = 0
        for chunk in verified(self.source.blob(self.blob), self.blob.digest, self.blob.size):
            yield chunk
            self.passed += len(chunk)
            self.progress.moved(len(chunk))

    def end(self) -> None:
        """Count what was never read too: there is no more to wait for."""
        self.progress.moved(self.blob.size - self.passed)


@dataclass(slots=True)
class BlobTransfer:
    """A blob, and every repository that needs it: sent once at most, then mounted."""

    blob: Descriptor
    source: Source
    repositories: dict[str, Repository] = field(default_factory=dict)

    def run(self, progress: Progress) -> set[tuple[str, str]]:
        """Put the blob in place, each byte on its way checked.

        Returns where it was not yet: the paths of the repositories, each with its digest.
        """
        here = self.repositories.values()
        missing = [each for each in here if not each.has("blobs", self.blob.digest)]
        holder = next((each for each in here if each not in missing), self._neighbour())
        reading = Reading(self.source, self.blob, progress)
        for repository in missing:
            repository.put_blob(self.blob, reading.chunks, mount_from=holder)
            holder = repository
        reading.end()
        return {(repository.path, self.blob.digest) for repository in missing}

    def _neighbour(self) -> Repository | None:
        """The source, where it is a repository of the very registry that is pushed to."""
        source, destination = self.source.repository, next(iter(self.repositories.values()))
        return source if source and source.registry is destination.registry else None


def blob_transfers(placed: Iterable[tuple[Graph, Repository]]) -> list[BlobTransfer]:
    """Return what must be in place before any manifest, each blob once, the largest first."""
    transfers: dict[str, BlobTransfer] = {}
    for graph, repository in placed:
        for blob in graph.blobs():
            transfer = transfers.setdefault(blob.digest, BlobTransfer(blob, graph.source))
            if transfer.blob.size != blob.size:
                raise Refusal(f"{blob.digest} is said to have two different sizes")
            transfer.repositories[repository.path] = repository
    return sorted(transfers.values(), key=lambda each: each.blob.size, reverse=True)


def push_manifests(
    graph: Graph, repository: Repository, tags: Collection[str], *, is_new: bool
) -> None:
    """Push an image whose blobs are in place, and point *tags* at it.

    Unless the image *is_new*, as one must be that lacked a blob, what is there already is not sent
    again. A manifest that is there says nothing of what it names: each is looked at (DIGEST-7).
    """
    *children, root = graph.manifests
    # A registry files what is pushed to a tag under its sha256 digest, and under no other.
    by_digest = [] if tags and algorithm_of(root.digest) == CANONICAL else [root]
    for manifest in (*children, *by_digest):
        if is_new or not repository.has("manifests", manifest.digest):
            repository.put_manifest(manifest.digest, manifest)
    for tag in tags:
        if is_new or not _is_tagged(root, repository, tag):
            repository.put_manifest(tag, root)


def _is_tagged(manifest: Manifest, repository: Repository, tag: str) -> bool:
    try:
        content, _ = repository.manifest(tag)
    except Missing:
        return False
    return content == manifest.content
