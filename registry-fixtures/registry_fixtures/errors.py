"""Refusals in the form and with the codes of OCI distribution-spec v1.1, "Error Codes"."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from urllib3 import HTTPHeaderDict

from registry_fixtures.messages import Response


class Refused(Exception):
    """The registry refuses a request.

    Args:
        status: of the response.
        code: the specification's, e.g. BLOB_UNKNOWN.
        message: one sentence part.
        details: one for each error to report; one error without detail by default.
        headers: more headers for the response.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: Iterable[object] = (None,),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.response = refusal(status, code, message, details)
        self.response.headers.update(headers or {})


def refusal(status: int, code: str, message: str, details: Iterable[object] = (None,)) -> Response:
    """Make the response for a refusal."""
    errors: list[dict[str, Any]] = []
    for detail in details:
        error: dict[str, Any] = {"code": code, "message": message}
        errors.append(error if detail is None else {**error, "detail": detail})
    headers = HTTPHeaderDict({"Content-Type": "application/json"})
    return Response(status, headers, json.dumps({"errors": errors}).encode())
