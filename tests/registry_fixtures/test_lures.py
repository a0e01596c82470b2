"""What tempts clients: led elsewhere, shown what they said, or left with a token that ran out."""

import base64
import json
from collections.abc import Callable
from urllib.parse import urlencode

import urllib3

from registry_fixtures.auth import SERVICE, Basic, Token
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.faults import Fault, kind, method
from registry_fixtures.lures import lead_on, redirect_to, repeat_credentials, run_out

Ask = Callable[..., urllib3.BaseHTTPResponse]

USER, PASSWORD = "ann", "pa:ss"
CODE = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def test_redirect_leads_to_the_same_place_elsewhere(ask: Ask, registry: EmbeddedRegistry) -> None:
    registry.faults.add(Fault(redirect_to("http://localhost:1")))

    answer = ask(registry, "GET", "/v2/a/tags/list?n=1")

    assert answer.status == 307
    assert answer.headers["Location"] == "http://localhost:1/v2/a/tags/list?n=1"


def test_upload_is_led_on_elsewhere(ask: Ask, registry: EmbeddedRegistry) -> None:
    registry.faults.add(Fault(lead_on("http://localhost:1"), method("POST")))

    begun = ask(registry, "POST", "/v2/a/blobs/uploads/")

    assert begun.headers["Location"].startswith("http://localhost:1/v2/a/blobs/uploads/")


def test_upload_that_is_refused_leads_nowhere(ask: Ask, registry: EmbeddedRegistry) -> None:
    registry.faults.add(Fault(lead_on("http://localhost:1"), method("POST")))

    refused = ask(registry, "POST", "/v2/A/blobs/uploads/")

    assert "Location" not in refused.headers


def test_credentials_are_repeated_in_the_clear(ask: Ask) -> None:
    with EmbeddedRegistry(auth=Basic(USER, PASSWORD)) as registry:
        registry.faults.add(Fault(repeat_credentials()))
        answer = ask(registry, "GET", "/v2/", Authorization=f"Basic {CODE}")

    assert answer.status == 403
    message = json.loads(answer.data)["errors"][0]["message"]
    assert message == f"not enough: Basic {CODE}, which is {PASSWORD} of {USER}"


def test_tokens_run_out_behind_a_request(ask: Ask) -> None:
    tokens = Token(USER, PASSWORD)
    with EmbeddedRegistry(auth=tokens) as registry:
        registry.faults.add(Fault(run_out(tokens), kind("base"), times=1))
        path = "/token?" + urlencode({"service": SERVICE})
        token = json.loads(ask(registry, "GET", path, Authorization=f"Basic {CODE}").data)["token"]
        bearer = f"Bearer {token}"

        answers = [ask(registry, "GET", "/v2/", Authorization=bearer).status for _ in range(2)]

    assert answers == [200, 401]
