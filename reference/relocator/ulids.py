"""ULIDs: unique identifiers that sort by the time of their making. Source: github.com/ulid/spec."""

from __future__ import annotations

import secrets
import time

from relocator.errors import Refusal

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 26
_RANDOM_BITS = 80
_LAST = (1 << 128) - 1


def new_ulid(after: str = "") -> str:
    """Return a new ULID, which sorts after the ULID *after*, whatever the clock says.

    Raises `Refusal` if *after* is the last of all.
    """
    number = time.time_ns() // 1_000_000 << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    number = max(number, _read(after) + 1)
    if number > _LAST:
        raise Refusal(f"there is no ULID after {after}")
    return _written(number)


def _written(number: int) -> str:
    return "".join(_DIGITS[number >> 5 * place & 31] for place in reversed(range(_LENGTH)))


def _read(ulid: str) -> int:
    number = 0
    for digit in ulid:
        number = number << 5 | _DIGITS.index(digit)
    return number
