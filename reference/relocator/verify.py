"""The use case: bundle and mapping in, and what the destination really holds out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from relocator.bundles import BundleImage, read_bundle
from relocator.digests import Mismatch, algorithm_of, check_digest, digest_of
from relocator.errors import Refusal, shown
from relocator.layout import Layout
from relocator.manifests import Descriptor, Manifest
from relocator.mapping import read_mapping
from relocator.names import ImageName, parse
from relocator.progress import Progress
from relocator.registry import Missing, Registries
from relocator.relocate import as_read
from relocator.retries import retried
from relocator.transfer import Graph, Reading, RepositorySource, read_graph
from relocator.transport import Unreachable
from relocator.verification import Fault, GivenDigest, ImageVerification, Verdict, Verification
from relocator.workers import Workers

_BlobKey = tuple[str, str, int]  # repository, digest, size


def verify(
    bundle_path: Path, mapping_path: Path, registries: Registries, progress: Progress, jobs: int
) -> Verification:
    """Read all that the bundle names where the mapping says it is, *jobs* requests at a time.

    Nothing but the mapped names is contacted. What is wrong at the destination is in the result,
    and stops nothing; raises `Refusal` for a bundle or mapping that cannot be read.
    """
    bundle = read_bundle(bundle_path)
    mapping = read_mapping(mapping_path)
    subjects = [_Subject(images, mapping) for images in _by_reference(bundle.images)]
    with Workers(jobs) as workers:
        findings = workers.each(partial(_found, registries, bundle.layout), subjects)
        readings = _readings(findings, progress)
        progress.planned(len(findings), sum(each.blob.size for each in readings.values()))
        outcomes = dict(zip(readings, workers.each(_read, readings.values()), strict=True))
    for finding in findings:
        progress.placed(finding.subject.reference, finding.subject.relocated or "")
    images = tuple(finding.judged(outcomes) for finding in findings)
    return Verification(str(bundle_path), bundle.layout is not None, str(mapping_path), images)


def _by_reference(images: Iterable[BundleImage]) -> Iterable[list[BundleImage]]:
    """Group the places that name an image in the same words."""
    groups: dict[str, list[BundleImage]] = {}
    for image in images:
        groups.setdefault(image.reference, []).append(image)
    return groups.values()


class _Subject:
    """An image reference of the bundle: all that bundle and mapping say of it."""

    def __init__(self, images: Sequence[BundleImage], mapping: Mapping[str, str]) -> None:
        self.reference = images[0].reference
        self.places = tuple(image.place for image in images)
        self.is_relocated = any(image.is_relocated for image in images)
        self.content_digests = tuple(filter(None, (image.content_digest for image in images)))
        self.relocated = mapping.get(self.reference)
        self.mapping = mapping

    def equivalent(self) -> str | None:
        """Return a key of the mapping that means the same name in other words."""
        return next((key for key in self.mapping if _same_name(key, self.reference)), None)


def _same_name(one: str, other: str) -> bool:
    try:
        return parse(one) == parse(other)
    except Refusal:
        return False


@dataclass(slots=True)
class _Finding:
    """What the destination holds of one image, before its blobs have been read."""

    subject: _Subject
    layout: Layout | None
    given: list[GivenDigest] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    repository: str = ""
    root: Manifest | None = None
    graph: Graph | None = None
    absent: set[str] = field(default_factory=set)
    """Digests of manifests that are known from the archive alone."""

    def read(self, registries: Registries, relocated: str) -> None:
        """Read the manifests under the name *relocated*. Raises `Refusal` if that is in vain."""
        archived = self._gather(parse(self.subject.reference))
        name = parse(relocated)
        self.repository = name.repository
        if name.digest:
            self.given.append(GivenDigest(name.digest, "relocated name"))
        source = RepositorySource(registries.repository(name.domain, name.path))
        ways = self._ways(name)
        self.root = self._root(source, ways)
        above = self.root or self._elsewhere(source, name, ways) or archived
        if above:
            if above is archived:
                self.absent.add(above.digest)
            self.graph = read_graph(source, above, self._lost)

    def _gather(self, original: ImageName) -> Manifest | None:
        """Note every digest that the bundle gives; return the image from its archive, if thick."""
        if original.digest:
            self.given.append(GivenDigest(original.digest, "reference"))
        for digest in dict.fromkeys(self.subject.content_digests):
            try:
                self.given.append(GivenDigest(check_digest(digest), "contentDigest"))
            except Refusal as refusal:
                self.notes.append(f"its contentDigest cannot be recomputed: {refusal}")
        archived = self._archived(self.layout, original) if self.layout else None
        if not self.given:
            self.notes.append("digest not given by the bundle")
        return archived

    def _archived(self, layout: Layout, original: ImageName) -> Manifest | None:
        first = self.given[0].digest if self.given else None
        try:
            root = layout.resolve(as_read(original), [self.subject.reference], first)
        except Refusal as refusal:
            self.notes.append(f"the bundle's own archive does not prove it: {refusal}")
            return None
        self.given.append(GivenDigest(root.digest, "archive"))
        return root

    def _ways(self, name: ImageName) -> dict[str, ImageName]:
        """Return the ways in which *name* calls the image, each by tag or digest alone."""
        if not name.tag and not name.digest:
            # Tools that keep no tags mean the digest of the bundle; whoever pulls gets `latest`.
            first = self.given[0].digest if self.given else None
            name = replace(name, digest=first) if first else as_read(name)
        by_tag = {f"tag {name.tag}": replace(name, digest=None)} if name.tag else {}
        by_digest = {f"digest {name.digest}": replace(name, tag=None)} if name.digest else {}
        return by_tag | by_digest

    def _root(self, source: RepositorySource, ways: Mapping[str, ImageName]) -> Manifest | None:
        """Read the image in each of *ways*; return it if one of them leads to the right one."""
        right: list[Manifest] = []
        for what, way in ways.items():
            try:
                manifest = source.resolve(way)
            except Unreachable:
                raise  # nothing else can be read there either
            except Refusal as refusal:
                self.faults.append(_fault(what, refusal))
                continue
            if wanted := self._not_met_by(manifest):
                reason = f"it is {manifest.digest}, and has to be {wanted}"
                self.faults.append(Fault(Verdict.DIFFERENT, what, reason))
            else:
                right.append(manifest)
        return right[0] if right else None

    def _not_met_by(self, manifest: Manifest) -> str:
        """Return the digests, and who gives them, that *manifest* does not have."""
        givers: dict[str, list[str]] = {}
        for each in self.given:
            if digest_of(manifest.content, algorithm_of(each.digest)) != each.digest:
                givers.setdefault(each.digest, []).append(each.by)
        return " and ".join(f"{digest} ({', '.join(by)})" for digest, by in givers.items())

    def _elsewhere(
        self, source: RepositorySource, name: ImageName, ways: Mapping[str, ImageName]
    ) -> Manifest | None:
        """Return the right image from beside the name, where that leads to none or a wrong one."""
        tried = {way.digest for way in ways.values()}
        for digest in dict.fromkeys(each.digest for each in self.given):
            if digest in tried:
                continue
            try:
                return source.resolve(replace(name, tag=None, digest=digest))
            except Refusal:
                continue  # that the name does not lead there has been told
        return None

    def _lost(self, child: Descriptor, refusal: Refusal) -> Manifest | None:
        self.faults.append(_fault("manifest", refusal, child))
        self.absent.add(child.digest)
        if not self.layout:
            return None
        try:
            return self.layout.manifest(child)
        except Refusal:
            return None

    def manifests(self) -> Iterator[Descriptor]:
        """Yield the manifests that are there, each checked against its digest."""
        for manifest in self.graph.manifests if self.graph else ():
            if manifest.digest not in self.absent:
                yield manifest.descriptor

    def blobs(self) -> Iterable[Descriptor]:
        """Return all that the manifests name beside manifests, non-distributable layers too."""
        manifests = self.graph.manifests if self.graph else ()
        return dict.fromkeys(blob for manifest in manifests for blob in manifest.blobs)

    def key(self, blob: Descriptor) -> _BlobKey:
        """Return what is the same for all that one reading of *blob* is enough for."""
        return self.repository, blob.digest, blob.size

    def readings(self, progress: Progress) -> dict[_BlobKey, Reading]:
        """Return how each of the blobs is to be read."""
        if not self.graph:
            return {}
        source = self.graph.source
        return {self.key(blob): Reading(source, blob, progress) for blob in self.blobs()}

    def judged(self, outcomes: Mapping[_BlobKey, Refusal | None]) -> ImageVerification:
        """Return what is to be said of the image, when its blobs have been read too."""
        verified = {manifest.digest: manifest for manifest in self.manifests()}
        faults, notes = list(self.faults), list(self.notes)
        for blob in self.blobs():
            refusal = outcomes[self.key(blob)]
            if refusal is None:
                verified[blob.digest] = blob
            elif isinstance(refusal, Missing) and not blob.distributable:
                notes.append(f"the non-distributable layer {blob.digest} is not there")
            else:
                faults.append(_fault("blob", refusal, blob))
        subject = self.subject
        return ImageVerification(
            subject.reference,
            subject.places,
            subject.is_relocated,
            subject.relocated,
            self.repository,
            tuple(self.given),
            self.root.digest if self.root else None,
            tuple(verified.values()),
            tuple(faults),
            tuple(notes),
        )


def _found(registries: Registries, layout: Layout | None, subject: _Subject) -> _Finding:
    finding = _Finding(subject, layout)
    if not subject.is_relocated:
        if subject.relocated is None:
            finding.notes.append("the mapping lacks it, though CNAB asks for every reference")
    elif subject.relocated is None:
        other = subject.equivalent()
        reason = f"it has {shown(other)} alone, which means the same" if other else "it lacks it"
        finding.faults.append(Fault(Verdict.UNMAPPED, "key of the mapping", reason))
    else:
        try:
            finding.read(registries, subject.relocated)
        except Refusal as refusal:
            finding.faults.append(_fault("image", refusal))
    return finding


def _readings(findings: Iterable[_Finding], progress: Progress) -> dict[_BlobKey, Reading]:
    """Return the blobs to read, each once in a repository, the largest first."""
    readings: dict[_BlobKey, Reading] = {}
    for finding in findings:
        readings |= finding.readings(progress)
    return dict(sorted(readings.items(), key=lambda item: item[1].blob.size, reverse=True))


def _read(reading: Reading) -> Refusal | None:
    """Read a blob to its end; return why that failed, if it did."""
    try:
        _drain(reading)
    except Refusal as refusal:
        return refusal
    finally:
        reading.end()
    return None


@retried
def _drain(reading: Reading) -> None:
    for _ in reading.chunks():
        pass


def _fault(what: str, refusal: Refusal, content: Descriptor | None = None) -> Fault:
    match refusal:
        case Missing():
            verdict = Verdict.MISSING
        case Mismatch():
            verdict = Verdict.DIFFERENT
        case _:
            verdict = Verdict.UNREADABLE
    return Fault(verdict, what, str(refusal), content)
