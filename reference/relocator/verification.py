"""What a destination was found to hold, image by image: pure, and told as a table or as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from relocator.errors import shown
from relocator.manifests import Descriptor

SCHEMA = "https://relocation-conformance.dev/schemas/1/verification.schema.json"

UNPROVEN_STATUS = 2
"""The exit status where all is there, and the bundle does not say what some of it has to be."""


class Verdict(StrEnum):
    """What is said of an image; the faults first, the gravest of them foremost."""

    UNMAPPED = "unmapped"
    DIFFERENT = "different"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    UNPROVEN = "unproven"
    PROVEN = "proven"
    NOT_RELOCATED = "not relocated"


_LONGEST = 1000  # characters; an image name has 520 at most

FAULTS = (Verdict.UNMAPPED, Verdict.DIFFERENT, Verdict.MISSING, Verdict.UNREADABLE)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as the bundle has it.

    *verdict* is one of `FAULTS`; *what* is `tag v1`, `manifest`, `blob` and the like, and *content*
    the descriptor by which a manifest names it.
    """

    verdict: Verdict
    what: str
    reason: str
    content: Descriptor | None = None

    def __str__(self) -> str:
        subject = self.what
        if self.content:
            kind, size = self.content.media_type, self.content.size
            subject += f" {self.content.digest} ({kind}, {size} bytes)"
        return _printable(f"{self.verdict}: {subject}: {self.reason}")

    def document(self) -> dict[str, Any]:
        """Return the fault as the schema has it."""
        content = self.content
        return {
            "verdict": str(self.verdict),
            "what": self.what,
            "digest": content.digest if content else None,
            "media_type": content.media_type if content else None,
            "size": content.size if content else None,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class GivenDigest:
    """A digest that the image must have, and who says so.

    That is the bundle's `contentDigest` or `reference`, the `archive` of a thick bundle, or the
    `relocated name`, which is the mapping's word alone and so proves nothing.
    """

    digest: str
    by: str

    @property
    def proves(self) -> bool:
        """Whether it comes from the bundle."""
        return self.by != "relocated name"


@dataclass(frozen=True, slots=True)
class ImageVerification:
    """One image reference of the bundle, and what is at the destination for it.

    *digest* is that of the image found there, *verified* all content whose digest was recomputed
    and is right, and *repository* where that is.
    """

    reference: str
    places: tuple[str, ...]
    is_relocated: bool
    relocated: str | None = None
    repository: str = ""
    given: tuple[GivenDigest, ...] = ()
    digest: str | None = None
    verified: tuple[Descriptor, ...] = ()
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The gravest fault, or else whether the bundle proves what was found."""
        if not self.is_relocated:
            return Verdict.NOT_RELOCATED
        if self.faults:
            found = {fault.verdict for fault in self.faults}
            return next(each for each in FAULTS if each in found)
        proven = any(each.proves for each in self.given)
        return Verdict.PROVEN if proven else Verdict.UNPROVEN

    @property
    def size(self) -> int:
        """Bytes of verified content."""
        return sum(content.size for content in self.verified)

    def document(self) -> dict[str, Any]:
        """Return the image as the schema has it."""
        return {
            "image": self.reference,
            "places": list(self.places),
            "relocated": self.relocated,
            "verdict": str(self.verdict),
            "given": [{"digest": each.digest, "by": each.by} for each in self.given],
            "digest": self.digest,
            "contents": len(self.verified),
            "bytes": self.size,
            "faults": [fault.document() for fault in self.faults],
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Verification:
    """A whole bundle, held against what its mapping leads to."""

    bundle: str
    is_thick: bool
    mapping: str
    images: tuple[ImageVerification, ...]

    @property
    def exit_status(self) -> int:
        """0 if all is there, 1 for a fault, `UNPROVEN_STATUS` if only proof is lacking."""
        verdicts = {image.verdict for image in self.images}
        if verdicts & set(FAULTS):
            return 1
        return UNPROVEN_STATUS if Verdict.UNPROVEN in verdicts else 0

    @property
    def size(self) -> int:
        """Bytes of verified content, what images share in one repository counted once."""
        sizes = {
            (image.repository, content.digest): content.size
            for image in self.images
            for content in image.verified
        }
        return sum(sizes.values())

    def document(self) -> dict[str, Any]:
        """Return the report as schemas/relocation_schemas/verification.schema.json has it."""
        numbers = self._numbers()
        return {
            "$schema": SCHEMA,
            "bundle": self.bundle,
            "thick": self.is_thick,
            "mapping": self.mapping,
            "exit_status": self.exit_status,
            "verdicts": {str(verdict): numbers[verdict] for verdict in Verdict},
            "bytes": self.size,
            "images": [image.document() for image in self.images],
        }

    def lines(self) -> Iterator[str]:
        """Yield the table: a line an image, its faults and notes below it, and the sum of all.

        The columns that have no narrow bound come last: names may have hundreds of characters.
        """
        verdict_width = max(len(verdict) for verdict in Verdict)
        size_width = max(len(f"{self.size:,}"), len("BYTES"))
        name_width = max(len(_printable(image.reference)) for image in self.images)

        def row(verdict: str, size: str, reference: str, relocated: str) -> str:
            name = _printable(reference).ljust(name_width)
            columns = verdict.ljust(verdict_width), size.rjust(size_width), name
            return "  ".join([*columns, _printable(relocated)])

        yield row("VERDICT", "BYTES", "IMAGE", "RELOCATED NAME")
        for image in self.images:
            yield row(image.verdict, f"{image.size:,}", image.reference, image.relocated or "-")
            yield from (f"    {fault}" for fault in image.faults)
            yield from (f"    note: {_printable(note)}" for note in image.notes)
        yield self._sum()

    def _sum(self) -> str:
        numbers = self._numbers()
        parts = ", ".join(f"{numbers[each]} {each}" for each in Verdict if numbers[each])
        noun = "image" if len(self.images) == 1 else "images"
        return f"{len(self.images)} {noun}: {parts}; {self.size:,} bytes verified"

    def _numbers(self) -> Counter[Verdict]:
        return Counter(image.verdict for image in self.images)


def _printable(text: str) -> str:
    """A terminal must not obey what a bundle, a mapping or a registry says."""
    return text if text.isprintable() and len(text) <= _LONGEST else shown(text)
