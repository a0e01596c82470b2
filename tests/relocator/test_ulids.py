"""Identifiers that sort by the time of their making."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relocation_schemas import schema
from relocator import ulids
from relocator.errors import Refusal
from relocator.ulids import new_ulid

PATTERN = schema("claim")["$defs"]["ulid"]["pattern"]


@given(number=st.integers(0, 2**128 - 2))
def test_a_ulid_follows_the_one_it_is_to_come_after(number: int) -> None:
    after = ulids._written(number)

    assert new_ulid(after) > after


def test_nothing_comes_after_the_last_ulid() -> None:
    with pytest.raises(Refusal, match="there is no ULID after 7ZZZZZZZZZZZZZZZZZZZZZZZZZ"):
        new_ulid("7" + 25 * "Z")


def test_ulids_of_one_moment_differ() -> None:
    assert len({new_ulid() for _ in range(1000)}) == 1000


@given(number=st.integers(0, 2**128 - 1))
def test_a_ulid_is_read_as_it_was_written(number: int) -> None:
    assert ulids._read(ulids._written(number)) == number


def test_a_ulid_of_now_begins_with_the_time() -> None:
    # 2020-01-01 and 2100-01-01 in milliseconds, as ULIDs write them.
    assert "01DXF6DT" < new_ulid() < "03RJ3X9A"
