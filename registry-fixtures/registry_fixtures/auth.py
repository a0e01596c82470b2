"""Who may do what: anonymous, Basic (RFC 7617) and token (distribution's) authentication."""

import base64
import binascii
import json
import re
import secrets
import threading
import time
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qsl

from urllib3 import HTTPHeaderDict

from registry_fixtures.errors import refusal
from registry_fixtures.messages import Request, Response, TooLarge
from registry_fixtures.routes import is_repository

SERVICE = "registry-fixtures"
_FORM_LIMIT = 64 * 1024
_SCOPE = re.compile(r"(?P<type>[a-z]+(?:\([a-z]+\))?):(?P<name>.+):(?P<actions>[a-z*,]*)")
_READING = ("GET", "HEAD")

Access = frozenset[tuple[str, str, str]]
"""What may be done: (type, name, action), e.g. ("repository", "acme/app", "pull")."""


class Auth(Protocol):
    """A way of telling clients apart."""

    def admit(self, request: Request, /) -> Response | None:
        """Return the refusal, or None for a request that may go on; note how it was proved."""

    def __call__(self, request: Request, /) -> Response:
        """Answer a request to the token endpoint."""


class Anonymous:
    """Everybody may do everything."""

    def admit(self, _request: Request, /) -> Response | None:
        """Let it pass."""
        return None

    def __call__(self, _request: Request, /) -> Response:
        """There is no token endpoint."""
        return Response(404)


@dataclass(frozen=True)
class Basic:
    """One user with a password; everything else gets a Basic challenge."""

    user: str
    password: str

    def admit(self, request: Request, /) -> Response | None:
        """Let the user pass."""
        if basic_credentials(request) == (self.user, self.password):
            request.authenticated = "basic"
            return None
        return _unauthorized(f'Basic realm="{SERVICE}"')

    def __call__(self, _request: Request, /) -> Response:
        """There is no token endpoint."""
        return Response(404)


class Witness:
    """Another authentication, and who came by with what; the recorder keeps no secrets.

    Args:
        auth: who may do what.
    """

    def __init__(self, auth: Auth) -> None:
        self.auth = auth
        self._lock = threading.Lock()
        self._shown: list[str] = []

    @property
    def shown(self) -> tuple[str, ...]:
        """What `Authorization` said, as it was sent and, for Basic, also in the clear."""
        with self._lock:
            return tuple(self._shown)

    def admit(self, request: Request, /) -> Response | None:
        """Take note, and let the other one decide."""
        shown = [request.headers.get("Authorization", ""), *(basic_credentials(request) or ())]
        with self._lock:
            self._shown += filter(None, shown)
        return self.auth.admit(request)

    def __call__(self, request: Request, /) -> Response:
        """Let the other one answer."""
        return self.auth(request)


@dataclass(frozen=True)
class _Grant:
    access: Access
    until: float


class Token:
    """Bearer tokens for one service, good for the scopes they were asked for.

    They come from `/token` and `/auth/token` on every server that is given this object. Both take
    GET with Basic credentials and the OAuth2 POST with the grants `password` and `refresh_token`
    (distribution's token and oauth2 specifications).

    Args:
        user: who may do everything.
        password: the user's.
        lifetime: seconds for which a token is good.
        anonymous_pull: whether those without credentials get tokens to pull.
        realm: the URL that challenges name; by default `/token` on the challenging server.
    """

    def __init__(
        self,
        user: str,
        password: str,
        *,
        lifetime: float = 300,
        anonymous_pull: bool = False,
        realm: str | None = None,
    ) -> None:
        self.user = user
        self.password = password
        self.lifetime = lifetime
        self.anonymous_pull = anonymous_pull
        self.realm = realm
        self._lock = threading.Lock()
        self._issued: list[str] = []
        self._grants: dict[str, _Grant] = {}
        self._refresh_tokens: set[str] = set()

    def refresh_token(self) -> str:
        """Issue a refresh token (`identitytoken` in Docker's configuration file)."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._refresh_tokens.add(token)
        return token

    @property
    def issued(self) -> tuple[str, ...]:
        """Every bearer token issued so far."""
        with self._lock:
            return tuple(self._issued)

    @property
    def refresh_tokens(self) -> frozenset[str]:
        """Every refresh token issued so far."""
        with self._lock:
            return frozenset(self._refresh_tokens)

    def expire(self) -> None:
        """Let every bearer token issued so far be good no longer."""
        with self._lock:
            self._grants.clear()

    def admit(self, request: Request, /) -> Response | None:
        """Let a request pass whose token covers all that it wants to do."""
        if request.route.kind == "token":
            return None
        wanted = _wanted(request)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        with self._lock:
            grant = self._grants.get(token) if scheme.lower() == "bearer" else None
        if grant and grant.until > time.monotonic() and wanted <= grant.access:
            request.authenticated = "bearer"
            return None
        known = grant and grant.until > time.monotonic()
        error = ("insufficient_scope" if known else "invalid_token") if token else None
        realm = self.realm or f"{request.origin}/token"
        return _unauthorized(_bearer_challenge(realm, wanted, error))

    def __call__(self, request: Request, /) -> Response:
        """Answer a request to the token endpoint."""
        if request.method == "POST":
            return self._oauth2(request)
        if request.method != "GET":
            return Response(405)
        if request.query.get("service") != SERVICE:
            return _json(400, {"error": "invalid_request"})
        credentials = basic_credentials(request)
        if credentials is None and self.anonymous_pull:
            return self._issue(_pull_only(_access(request.query.get("scope", ""))))
        if credentials != (self.user, self.password):
            return _unauthorized(f'Basic realm="{SERVICE}"')
        request.authenticated = "basic"
        offline = request.query.get("offline_token") == "true"
        return self._issue(_access(request.query.get("scope", "")), offline=offline)

    def _oauth2(self, request: Request) -> Response:
        try:
            form = dict(parse_qsl(request.body.read(_FORM_LIMIT).decode("utf-8", "replace")))
        except TooLarge:
            return Response(413)
        if form.get("service") != SERVICE:
            return _json(400, {"error": "invalid_request"})
        if not self._granted(form):
            return _json(400, {"error": "invalid_grant"})
        offline = form.get("access_type") == "offline"
        return self._issue(_access(form.get("scope", "")), offline=offline)

    def _granted(self, form: dict[str, str]) -> bool:
        if form.get("grant_type") == "password":
            return (form.get("username"), form.get("password")) == (self.user, self.password)
        with self._lock:
            return (
                form.get("grant_type") == "refresh_token"
                and form.get("refresh_token") in self._refresh_tokens
            )

    def _issue(self, access: Access, *, offline: bool = False) -> Response:
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._grants[token] = _Grant(access, time.monotonic() + self.lifetime)
            self._issued.append(token)
        answer = {
            "token": token,
            "access_token": token,
            "expires_in": int(self.lifetime),
            "issued_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        if offline:
            answer["refresh_token"] = self.refresh_token()
        return _json(200, answer)


def _wanted(request: Request) -> Access:
    route = request.route
    if route.kind == "catalog":
        return frozenset({("registry", "catalog", "*")})
    if not is_repository(route.repository):
        return frozenset()
    if request.method in _READING and route.kind != "uploads":
        actions = ["pull"]
    elif request.method == "DELETE" and route.kind != "uploads":
        actions = ["delete"]
    else:
        actions = ["pull", "push"]
    wanted = {("repository", route.repository, action) for action in actions}
    source = request.query.get("from", "")
    if request.method == "POST" and "mount" in request.query and is_repository(source):
        wanted.add(("repository", source, "pull"))
    return frozenset(wanted)


def _access(scopes: str) -> Access:
    return frozenset(
        (found["type"], found["name"], action)
        for scope in scopes.split()
        if (found := _SCOPE.fullmatch(scope))
        for action in found["actions"].split(",")
    )


def _pull_only(access: Access) -> Access:
    return frozenset(entry for entry in access if entry[2] == "pull")


def _scopes(access: Access) -> str:
    resources = sorted({(kind, name) for kind, name, _ in access})
    return " ".join(
        f"{kind}:{name}:{','.join(sorted(a for k, n, a in access if (k, n) == (kind, name)))}"
        for kind, name in resources
    )


def _bearer_challenge(realm: str, wanted: Access, error: str | None) -> str:
    fields = {"realm": realm, "service": SERVICE}
    if wanted:
        fields["scope"] = _scopes(wanted)
    if error:
        fields["error"] = error
    return "Bearer " + ",".join(f'{name}="{value}"' for name, value in fields.items())


def basic_credentials(request: Request) -> tuple[str, str] | None:
    """Read user and password from a request; None where there are none."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return user, password


def _unauthorized(www_authenticate: str) -> Response:
    response = refusal(401, "UNAUTHORIZED", "authentication required")
    response.headers["WWW-Authenticate"] = www_authenticate
    return response


def _json(status: int, document: object) -> Response:
    headers = HTTPHeaderDict({"Content-Type": "application/json"})
    return Response(status, headers, json.dumps(document).encode())
