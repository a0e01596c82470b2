"""Credentials and what is left of them in evidence."""

from __future__ import annotations

import base64
import json

import pytest

from relocation_conformance import redaction
from relocation_conformance.redaction import Redaction


def encoded(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


CONFIG = {
    "auths": {
        "a.example.com": {"auth": encoded("ann", "pa:ss w0rd")},
        "b.example.com": {"auth": encoded("ann", ""), "identitytoken": "an-identity"},
        "c.example.com": {"username": "ann", "password": "plain-one", "registrytoken": "a-token"},
        "d.example.com": {"auth": "no base64!"},
        "e.example.com": "no entry",
        "f.example.com": {},
    }
}


@pytest.mark.parametrize(
    "secret",
    [
        "pa:ss w0rd",
        "pa%3Ass%20w0rd",
        encoded("ann", "pa:ss w0rd"),
        "an-identity",
        "plain-one",
        "a-token",
        "no base64!",
    ],
)
@pytest.mark.parametrize("form", [dict, json.dumps])
def test_secrets_of_a_docker_config_are_redacted(form: type, secret: str) -> None:
    redacted = Redaction(redaction.of_docker_config(form(CONFIG)))

    assert redacted(f"login with <{secret}>!") == "login with <<redacted>>!"


@pytest.mark.parametrize("config", [None, "", "{", "[]", {}, {"auths": []}, {"auths": {"x": 1}}])
def test_config_without_credentials_has_no_secrets(config: dict[str, object] | str | None) -> None:
    assert redaction.of_docker_config(config) == frozenset()


def test_user_without_a_password_has_no_secret() -> None:
    assert redaction.of_user("ann", "") == ()


def test_password_of_a_url_is_redacted_in_each_form() -> None:
    redacted = Redaction(redaction.of_url("https://ann:p%40ssw0rds@registry.example.com/v2"))

    assert redacted("https://ann:p%40ssw0rds@registry.example.com") == (
        "https://ann:<redacted>@registry.example.com"
    )
    assert redacted(f"p@ssw0rds, {encoded('ann', 'p@ssw0rds')}") == "<redacted>, <redacted>"


def test_url_without_a_password_is_left_as_it_is() -> None:
    assert redaction.of_url("https://ann@registry.example.com") == ()


def test_short_secret_is_redacted_as_a_word_only() -> None:
    assert Redaction(["one"])("none of ann:one@x is one") == (
        "none of ann:<redacted>@x is <redacted>"
    )


def test_long_secret_is_redacted_wherever_it_is() -> None:
    assert Redaction(["s3cr3t-w0rd"])("xs3cr3t-w0rdy") == "x<redacted>y"


def test_secret_that_holds_another_goes_as_a_whole() -> None:
    assert Redaction(["s3cr3t-w0rd", "s3cr3t-w0rd-longer"])("s3cr3t-w0rd-longer") == "<redacted>"


def test_bytes_that_are_no_text_are_kept() -> None:
    assert Redaction(["s3cr3t-w0rd"]).in_bytes(b"\xff s3cr3t-w0rd \xfe") == (
        b"\xff <redacted> \xfe"
    )


def test_nothing_secret_changes_nothing() -> None:
    assert Redaction([""])("all of it") == "all of it"
