"""Faults in who is shown which credentials."""

import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reference_faults.faults import fault, swap
from relocator import authentication, credentials, registry
from relocator.authentication import Authenticator, Challenge, Scopes
from relocator.credentials import Credential, DockerConfig
from relocator.errors import Refusal


@fault
def knows_no_basic_login() -> None:
    swap(authentication, "_SCHEME", re.compile(r"(?:^|,)\s*(bearer)(?:\s+|$)", re.IGNORECASE))


@fault
def asks_the_registry_itself_for_tokens() -> None:
    original = Authenticator._fetch

    def fetch(self: Authenticator, challenge: Challenge, scopes: Scopes) -> Any:
        parameters = {**challenge.parameters, "realm": "/token"}
        return original(self, replace(challenge, parameters=parameters), scopes)

    swap(Authenticator, "_fetch", fetch)


@fault
def has_one_login_for_all() -> None:
    original = DockerConfig.credential_for

    def credential_for(self: DockerConfig, host: str) -> Credential | None:
        return original(self, next(iter(self.document.get("auths", {})), host))

    swap(DockerConfig, "credential_for", credential_for)


@fault
def takes_credentials_along() -> None:
    swap(registry, "origin_of", lambda _: "the same")


@fault
def shows_its_logins() -> None:
    original = DockerConfig.credential_for

    def credential_for(self: DockerConfig, host: str) -> Credential | None:
        found = original(self, host)
        if found:
            print(f"{host}: {found.username}, {found.secret}", file=sys.stderr)
        return found

    swap(DockerConfig, "credential_for", credential_for)


@fault
def repeats_what_registries_say() -> None:
    swap(Authenticator, "redacted", lambda _, text: text)


@fault
def fetches_no_anonymous_tokens() -> None:
    original = Authenticator._fetch

    def fetch(self: Authenticator, challenge: Challenge, scopes: Scopes) -> Any:
        if self._credential is None:
            raise Refusal("there are no credentials")
        return original(self, challenge, scopes)

    swap(Authenticator, "_fetch", fetch)


@fault
def asks_no_helpers() -> None:
    swap(credentials, "_from_helper", lambda *_: None)


@fault
def takes_identity_tokens_for_passwords() -> None:
    original = DockerConfig.credential_for

    def credential_for(self: DockerConfig, host: str) -> Credential | None:
        found = original(self, host)
        return found and replace(found, username=found.username or "token")

    swap(DockerConfig, "credential_for", credential_for)


@fault
def replaces_no_tokens() -> None:
    original = Authenticator.answer

    def answer(self: Authenticator, header: str, scopes: Scopes, refused: str | None) -> bool:
        return refused is None and original(self, header, scopes, refused)

    swap(Authenticator, "answer", answer)


@fault
def takes_a_malformed_configuration_for_none() -> None:
    original = DockerConfig.read

    def read(environ: Mapping[str, str]) -> DockerConfig:
        try:
            return original(environ)
        except Refusal:
            return DockerConfig({})

    swap(DockerConfig, "read", staticmethod(read))
