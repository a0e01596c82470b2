"""What a registry holds: repositories of manifests, tags and blobs, and uploads under way."""

import hashlib
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from registry_fixtures.contents import Contents, FolderContents, MemoryContents, Sink


@dataclass(frozen=True)
class Manifest:
    """A manifest or index as it was pushed. `subject` is the digest it refers to, or empty."""

    content: bytes
    media_type: str
    subject: str = ""


@dataclass
class Repository:
    """One repository: digests to manifests, tags to digests, and the digests of its blobs."""

    manifests: dict[str, Manifest] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    blobs: set[str] = field(default_factory=set)


class Upload:
    """A blob on its way in. Hold `lock` to work on it."""

    def __init__(self, repository: str, sink: Sink) -> None:
        self.id = str(uuid.uuid4())
        self.repository = repository
        self.size = 0
        self.lock = threading.Lock()
        self._sink = sink
        self._sha256 = hashlib.sha256()

    def write(self, part: bytes) -> None:
        """Append bytes."""
        self._sha256.update(part)
        self._sink.write(part)
        self.size += len(part)

    def hex_digest(self, algorithm: str) -> str:
        """Compute the digest of all that was written, without the algorithm's name."""
        if algorithm == "sha256":
            return self._sha256.hexdigest()
        hasher = hashlib.new(algorithm)
        for part in self._sink.parts():
            hasher.update(part)
        return hasher.hexdigest()

    def keep(self, digest: str) -> None:
        """Make what was written the content of a digest."""
        self._sink.keep(digest)

    def discard(self) -> None:
        """Forget what was written."""
        self._sink.discard()


class Store:
    """The content of one registry; any thread may use it.

    Args:
        folder: where blobs are kept; in memory without one.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.contents: Contents = FolderContents(folder) if folder else MemoryContents()
        self._lock = threading.RLock()
        self._repositories: dict[str, Repository] = {}
        self._uploads: dict[str, Upload] = {}

    @property
    def repositories(self) -> Mapping[str, Repository]:
        """A snapshot: the repositories by name. Don't change them."""
        with self._lock:
            return MappingProxyType(dict(sorted(self._repositories.items())))

    @property
    def uploads(self) -> tuple[str, ...]:
        """The ids of the uploads that were begun and neither completed nor cancelled."""
        with self._lock:
            return tuple(self._uploads)

    def manifest(self, repository: str, reference: str) -> tuple[str, Manifest] | None:
        """Find a manifest by tag or digest: its digest and itself."""
        with self._lock:
            found = self._repositories.get(repository)
            if found is None:
                return None
            digest = found.tags.get(reference, reference)
            manifest = found.manifests.get(digest)
            return None if manifest is None else (digest, manifest)

    def put_manifest(
        self, repository: str, digest: str, manifest: Manifest, tag: str | None = None
    ) -> None:
        """Keep a manifest, and let a tag point to it."""
        with self._lock:
            there = self._repositories.setdefault(repository, Repository())
            there.manifests[digest] = manifest
            if tag is not None:
                there.tags[tag] = digest

    def delete_manifest(self, repository: str, digest: str) -> bool:
        """Forget a manifest and the tags that point to it; False when it is not there."""
        with self._lock:
            there = self._repositories.get(repository, Repository())
            if there.manifests.pop(digest, None) is None:
                return False
            there.tags = {tag: d for tag, d in there.tags.items() if d != digest}
            return True

    def delete_tag(self, repository: str, tag: str) -> bool:
        """Forget a tag; False when it is not there."""
        with self._lock:
            there = self._repositories.get(repository, Repository())
            return there.tags.pop(tag, None) is not None

    def tags(self, repository: str) -> list[str] | None:
        """List the tags in lexical order; None when the repository is not known."""
        with self._lock:
            there = self._repositories.get(repository)
            return None if there is None else sorted(there.tags, key=lambda t: (t.lower(), t))

    def referrers(self, repository: str, subject: str) -> list[tuple[str, Manifest]]:
        """List the manifests whose subject is this digest."""
        with self._lock:
            there = self._repositories.get(repository, Repository())
            return [(d, m) for d, m in there.manifests.items() if m.subject == subject]

    def has_manifest(self, repository: str, digest: str) -> bool:
        """Tell whether a repository holds a manifest."""
        with self._lock:
            there = self._repositories.get(repository)
            return there is not None and digest in there.manifests

    def has_blob(self, repository: str, digest: str) -> bool:
        """Tell whether a repository holds a blob."""
        with self._lock:
            there = self._repositories.get(repository)
            return there is not None and digest in there.blobs

    def mount(self, repository: str, digest: str, source: str) -> bool:
        """Give a repository a blob of another one; False when that one has none."""
        with self._lock:
            if not self.has_blob(source, digest):
                return False
            self._link(repository, digest)
            return True

    def delete_blob(self, repository: str, digest: str) -> bool:
        """Take a blob out of a repository; False when it is not there."""
        with self._lock:
            if not self.has_blob(repository, digest):
                return False
            self._repositories[repository].blobs.remove(digest)
            if not any(digest in there.blobs for there in self._repositories.values()):
                self.contents.remove(digest)
            return True

    def begin_upload(self, repository: str) -> Upload:
        """Begin an upload."""
        upload = Upload(repository, self.contents.sink())
        with self._lock:
            self._uploads[upload.id] = upload
        return upload

    def upload(self, repository: str, identity: str) -> Upload | None:
        """Find an upload under way."""
        with self._lock:
            upload = self._uploads.get(identity)
        return upload if upload and upload.repository == repository else None

    def complete(self, upload: Upload, digest: str) -> None:
        """Make an upload a blob of its repository. The digest was checked before."""
        with self._lock:
            self._uploads.pop(upload.id, None)
            upload.keep(digest)
            self._link(upload.repository, digest)

    def cancel(self, upload: Upload) -> None:
        """Forget an upload."""
        with self._lock:
            self._uploads.pop(upload.id, None)
        upload.discard()

    def _link(self, repository: str, digest: str) -> None:
        self._repositories.setdefault(repository, Repository()).blobs.add(digest)
