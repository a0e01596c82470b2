"""Content that streams past is checked, and a forgery never arrives whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relocator.digests import check_digest, digest_of, verified
from relocator.errors import Refusal

pieces = st.lists(st.binary(max_size=40), max_size=8)


def passed_before_refusal(chunks: list[bytes], digest: str, size: int) -> bytes:
    passed: list[bytes] = []
    with pytest.raises(Refusal):
        passed.extend(verified(chunks, digest, size))
    return b"".join(passed)


@given(pieces, st.sampled_from(["sha256", "sha384", "sha512"]))
def test_true_content_passes_unchanged(chunks: list[bytes], algorithm: str) -> None:
    content = b"".join(chunks)

    assert b"".join(verified(chunks, digest_of(content, algorithm), len(content))) == content


@given(pieces, st.binary(min_size=1, max_size=40))
def test_a_forgery_of_the_right_size_never_passes_whole(chunks: list[bytes], last: bytes) -> None:
    forged = [*chunks, last]
    true = b"".join(chunks) + bytes([last[0] ^ 1]) + last[1:]

    assert len(passed_before_refusal(forged, digest_of(true), len(true))) < len(true)


def test_content_cut_short_is_refused() -> None:
    assert passed_before_refusal([b"ab"], digest_of(b"abc"), 3) == b""


def test_content_that_goes_on_is_refused_as_soon_as_it_is_too_long() -> None:
    endless = [b"abc", b"d", b"never read"]

    assert passed_before_refusal(endless, digest_of(b"abc"), 3) == b""


@pytest.mark.parametrize(
    "text",
    ["", "sha256", "sha256:", "sha256:" + "g" * 64, "sha1:" + "a" * 40, "sha256:../../etc/passwd"],
)
def test_text_that_is_no_digest_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="is not a digest"):
        check_digest(text)
