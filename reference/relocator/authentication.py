"""Answer a registry's challenge: anonymous, Basic, or a Bearer token for just what is asked."""

from __future__ import annotations

import json
import re
import threading
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field

from relocator.credentials import Credential
from relocator.errors import Refusal
from relocator.transport import Transport, absolute, host_of, is_loopback, read_limited

Scopes = tuple[str, ...]
"""What a request needs, as in `repository:library/ubuntu:pull`."""

_MAX_ANSWER = 1024 * 1024
_SHORTEST_LIFE = 60.0  # seconds; the token specification's value where a server states none
_SCHEME = re.compile(r"(?:^|,)\s*(basic|bearer)(?:\s+|$)", re.IGNORECASE)
_PARAMETER = re.compile(r'([a-zA-Z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


@dataclass(frozen=True)
class Challenge:
    """What a registry asks for: a scheme, in lower case, and its parameters."""

    scheme: str
    parameters: dict[str, str]

    @classmethod
    def read(cls, header: str) -> Challenge:
        """Read a `WWW-Authenticate` header (RFC 9110); of several challenges, Bearer counts."""
        _, *parts = _SCHEME.split(header)
        challenges = {
            scheme.lower(): {
                key.lower(): quoted or bare for key, quoted, bare in _PARAMETER.findall(parameters)
            }
            for scheme, parameters in zip(parts[::2], parts[1::2], strict=True)
        }
        scheme = next((each for each in ("bearer", "basic") if each in challenges), "")
        return cls(scheme, challenges.get(scheme, {}))


@dataclass
class _Token:
    value: str
    expires: float


@dataclass
class Authenticator:
    """What one registry has asked for so far, and the answers; shared by all threads."""

    origin: str
    transport: Transport
    look_up: Callable[[], Credential | None]
    _challenge: Challenge | None = None
    _credential: Credential | None = field(default=None, repr=False)
    _tokens: dict[Scopes, _Token] = field(default_factory=dict, repr=False)
    _seen: set[str] = field(default_factory=set, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def header(self, scopes: Scopes) -> str | None:
        """Return the `Authorization` header for a request, `None` while nobody has asked."""
        challenge = self._challenge
        if challenge is None:
            return None
        if challenge.scheme == "basic":
            return self._credential.basic if self._credential else None
        token = self._tokens.get(scopes)
        if token is None or token.expires <= time.monotonic():
            token = self._tokens[scopes] = self._fetch(challenge, scopes)
            self._seen.add(token.value)
        return f"Bearer {token.value}"

    def answer(self, header: str, scopes: Scopes, refused: str | None) -> bool:
        """Take in a challenge; say whether the request is worth sending again.

        *refused* is the `Authorization` that the registry has just turned down.
        """
        challenge = Challenge.read(header)
        if not challenge.scheme:
            raise Refusal(f"{host_of(self.origin)} asks for a login of an unknown kind")
        with self._lock:
            if self._challenge is None:
                self._credential = self.look_up()
            self._challenge = challenge
            token = self._tokens.get(scopes)
            if token is not None and f"Bearer {token.value}" == refused:
                del self._tokens[scopes]
        return self.header(scopes) not in (refused, None)

    def redacted(self, text: str) -> str:
        """Return *text* without any secret of this registry, should it have been echoed."""
        secrets = list(self._seen)  # tokens that are good no longer among them
        if self._credential:
            secrets += [self._credential.secret, self._credential.basic.removeprefix("Basic ")]
        for secret in filter(None, secrets):
            text = text.replace(secret, "<redacted>")
        return text

    def _fetch(self, challenge: Challenge, scopes: Scopes) -> _Token:
        """Source: distribution's token authentication specification, and its OAuth2 sibling."""
        realm = absolute(self.origin, challenge.parameters.get("realm", ""))
        self._check_realm(realm)
        fields = [("service", challenge.parameters.get("service", ""))]
        credential = self._credential
        if credential and not credential.username:
            fields += [("grant_type", "refresh_token"), ("refresh_token", credential.secret)]
            fields += [("client_id", "relocator"), ("scope", " ".join(scopes))]
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            body = urllib.parse.urlencode(fields).encode()
            response = self.transport.send("POST", realm, form, body)
        else:
            query = urllib.parse.urlencode([*fields, *(("scope", scope) for scope in scopes)])
            login = {"Authorization": credential.basic} if credential else {}
            joint = "&" if urllib.parse.urlsplit(realm).query else "?"
            response = self.transport.send("GET", f"{realm}{joint}{query}", login)
        answer = read_limited(response, _MAX_ANSWER, "the token server's answer")
        if response.status != 200:
            raise Refusal(f"{host_of(realm)} gives no token: it answered {response.status}")
        return _read_token(answer, host_of(realm))

    def _check_realm(self, realm: str) -> None:
        parts = urllib.parse.urlsplit(realm)
        plain_allowed = self.origin.startswith("http:") or is_loopback(parts.netloc)
        if parts.scheme != "https" and not (parts.scheme == "http" and plain_allowed):
            raise Refusal(f"{host_of(self.origin)} sends its login to an unsafe place")


def _read_token(answer: bytes, host: str) -> _Token:
    try:
        document = json.loads(answer)
        value = document.get("token") or document.get("access_token")
        life = float(document.get("expires_in") or _SHORTEST_LIFE)
    except (ValueError, TypeError, AttributeError, RecursionError):
        value, life = None, 0.0
    if not isinstance(value, str) or not value.isprintable():
        raise Refusal(f"{host} gives no token: its answer holds none")
    # Renewed before it runs out, so that it still holds when the request arrives.
    return _Token(value, time.monotonic() + life * 0.9)
