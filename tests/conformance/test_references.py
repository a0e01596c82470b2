from __future__ import annotations

import pytest

from relocation_conformance.references import Malformed, parse, repository

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("ubuntu", "docker.io/library/ubuntu"),
        ("index.docker.io/ubuntu:1", "docker.io/library/ubuntu:1"),
        ("acme/app", "docker.io/acme/app"),
        ("localhost/app", "localhost/app"),
        ("127.0.0.1:5000/a/b:v1", "127.0.0.1:5000/a/b:v1"),
        (f"gcr.io/a/b:v1@{DIGEST}", f"gcr.io/a/b:v1@{DIGEST}"),
        (f"[::1]:5000/a@{DIGEST}", f"[::1]:5000/a@{DIGEST}"),
    ],
)
def test_reference_has_a_normal_form(text: str, normal: str) -> None:
    assert str(parse(text)) == normal


@pytest.mark.parametrize(
    "text",
    ["", "/", "a:", "a@", "a@sha256:12", "A/b", "x.io/A", "x.io//a", "a b", "x.io/a:t:u", "-a"],
)
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(Malformed, match="is no image reference"):
        parse(text)


@pytest.mark.parametrize(("length", "valid"), [(255, True), (256, False)])
def test_repository_name_has_255_characters_at_most(length: int, valid: bool) -> None:
    name = "x.io/" + "a" * (length - 5)

    try:
        parse(name + ":tag")
    except Malformed:
        assert not valid
    else:
        assert valid


def test_repository_has_neither_tag_nor_digest() -> None:
    assert repository(f"acme/app:v1@{DIGEST}") == "docker.io/acme/app"
