"""Image names: the published algorithm exactly, and the grammar's refusals."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relocator.errors import Refusal
from relocator.names import MAX_REPOSITORY, ImageName, parse, parse_prefix, relocated

VECTORS = json.loads((Path(__file__).parent / "naming-vectors.json").read_text())
DIGEST = "sha256:" + "deadbeef" * 8

components = st.from_regex(r"[a-z0-9]{1,8}((\.|_|__|-{1,3})[a-z0-9]{1,8}){0,2}", fullmatch=True)
paths = st.lists(components, min_size=2, max_size=12).map("/".join)
domains = st.sampled_from(["docker.io", "gcr.io", "localhost", "r.example.com:5000", "[::1]:80"])
tags = st.none() | st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True)
digests = st.none() | st.just(DIGEST)
names = st.builds(ImageName, domains, paths, tags, digests)


@pytest.mark.parametrize("vector", VECTORS["published"] + VECTORS["derived"], ids=lambda v: v["in"])
def test_a_name_is_mapped_as_published(vector: dict[str, Any]) -> None:
    name = relocated(parse(vector["in"]), parse_prefix(vector["prefix"]))

    shown = str(name) if vector.get("keep_tag_digest", True) else name.repository
    assert shown == vector["out"]


@pytest.mark.parametrize("vector", VECTORS["normalisation"], ids=lambda v: v["in"])
def test_a_name_has_one_normal_form(vector: dict[str, Any]) -> None:
    assert str(parse(vector["in"])) == vector["string"]


@given(names)
def test_the_normal_form_is_its_own_normal_form(name: ImageName) -> None:
    assert parse(str(name)) == name


@given(names)
def test_a_relocated_name_fits_the_grammar(name: ImageName) -> None:
    moved = relocated(name, "example.com/user")

    assert parse(str(moved)) == moved
    assert len(moved.repository) <= MAX_REPOSITORY


@given(names, tags, digests)
def test_the_destination_repository_depends_on_neither_tag_nor_digest(
    name: ImageName, tag: str | None, digest: str | None
) -> None:
    other = ImageName(name.domain, name.path, tag, digest)

    prefix = "example.com/user"
    assert relocated(name, prefix).repository == relocated(other, prefix).repository


@given(names, st.integers(min_value=1, max_value=210))
def test_every_prefix_that_is_accepted_has_room_for_every_name(name: ImageName, size: int) -> None:
    prefix = parse_prefix("example.com/" + "u" * size)

    moved = relocated(name, prefix)

    assert moved.repository.startswith(f"{prefix}/")
    assert len(moved.repository) <= MAX_REPOSITORY


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("/ubuntu", "empty"),
        ("ubuntu/", "empty"),
        ("example.com/", "empty"),
        ("a//b", "empty"),
        ("Ubuntu", "capital letters"),
        ("example.com/App", "capital letters"),
        ("-ubuntu", "not a component"),
        ("ubuntu-", "not a component"),
        ("a..b", "not a component"),
        ("a___b", "not a component"),
        ("ub untu", "not a component"),
        ("ubuntu\n", "not a component"),
        ("ubünt", "not a component"),
        ("example.com/../etc", "not a component"),
        ("-example.com/app", "not a domain name"),
        ("example..com/app", "not a domain name"),
        ("example.com:http/app", "not a domain name"),
        ("https://example.com/app", "not a domain name"),
        ("ubuntu:", "not a tag"),
        ("ubuntu:-v1", "not a tag"),
        ("ubuntu:" + "t" * 129, "not a tag"),
        ("ubuntu:v1\n", "not a tag"),
        ("ubuntu@", "not a digest"),
        ("ubuntu@sha256:abc", "takes 64 hex digits"),
        ("ubuntu@sha256:" + "A" * 64, "takes 64 hex digits"),
        ("ubuntu@md5:" + "a" * 32, "algorithm must be one of"),
        (f"ubuntu@{DIGEST}:v1", "takes 64 hex digits"),
        ("a" * 64, "an image's id"),
        ("example.com/" + "a" * 244, "more than 255 characters"),
    ],
)
def test_a_name_outside_the_grammar_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(Refusal, match=reason):
        parse(text)


def test_a_long_name_that_is_refused_is_not_repeated_in_full() -> None:
    with pytest.raises(Refusal) as refusal:
        parse("A" * 100_000)

    assert len(str(refusal.value)) < 1000


def test_a_repository_of_255_characters_is_a_name() -> None:
    assert len(parse("example.com/" + "a" * 243).repository) == MAX_REPOSITORY


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        ("user", "docker.io/user"),
        ("index.docker.io/user", "docker.io/user"),
        ("example.com", "example.com"),
        ("example.com/a/b", "example.com/a/b"),
        ("localhost", "localhost"),
        ("localhost:5000/a", "localhost:5000/a"),
        ("[::1]:5000/a", "[::1]:5000/a"),
    ],
)
def test_a_prefix_has_one_normal_form(text: str, prefix: str) -> None:
    assert parse_prefix(text) == prefix


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "example.com/",
        "example.com//a",
        "example.com/a/",
        "example.com/a:b",
        "example.com/a@b",
        'example.com/a"b',
        "example.com/a b",
        "example.com/A",
        "-example.com/a",
        "example.com:0/a",
        "example.com:65536/a",
        "example.com:/a",
        "http://example.com/a",
        "example.com/" + "a" * 211,
    ],
)
def test_a_prefix_that_no_name_could_start_with_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        parse_prefix(text)
