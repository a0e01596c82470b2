"""Digests: the grammar of `algorithm:hex`, and content checked against one while it streams."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

from relocator.errors import Refusal, shown

HEX_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}
"""The algorithms that image references may use, and how many hex digits each gives."""

CANONICAL = "sha256"
"""The algorithm of a manifest's digest when nothing names another."""


class Mismatch(Refusal):
    """Bytes are there, and are not those that a digest or a size speaks of."""


def check_digest(text: str) -> str:
    """Return *text* if it is a well-formed digest of a known algorithm, else raise `Refusal`.

    Source: OCI image-spec, descriptor, "Digests"; the lengths are those of the algorithms.
    """
    algorithm, separator, hexadecimal = text.partition(":")
    length = HEX_LENGTHS.get(algorithm)
    if not separator or length is None:
        known = ", ".join(HEX_LENGTHS)
        raise Refusal(f"{shown(text)} is not a digest: its algorithm must be one of {known}")
    if not re.fullmatch(f"[0-9a-f]{{{length}}}", hexadecimal):
        raise Refusal(f"{shown(text)} is not a digest: {algorithm} takes {length} hex digits")
    return text


def algorithm_of(digest: str) -> str:
    """Return the algorithm that a well-formed *digest* names."""
    return digest.partition(":")[0]


def digest_of(content: bytes, algorithm: str = CANONICAL) -> str:
    """Return the digest of *content*."""
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


def verified(chunks: Iterable[bytes], digest: str, size: int) -> Iterator[bytes]:
    """Yield *chunks* unchanged; raise `Mismatch` unless they are *size* bytes that give *digest*.

    The last byte is only yielded once everything has been checked, so that a receiver which
    was promised *size* bytes never holds the whole of a forgery (DIGEST-6).
    """
    hasher = hashlib.new(algorithm_of(digest))
    received = 0
    held = b""
    for chunk in chunks:
        received += len(chunk)
        if received > size:
            raise Mismatch(f"{digest} is longer than the {size} bytes that its descriptor states")
        hasher.update(chunk)
        if held:
            yield held
        held = chunk
    if received != size:
        raise Mismatch(f"{digest} has {received} bytes where its descriptor states {size}")
    if hasher.hexdigest() != digest.partition(":")[2]:
        raise Mismatch(f"content served for {digest} does not match that digest")
    yield held
