"""Faults that tempt a client to give its credentials away, or take them back."""

from registry_fixtures.auth import Token, basic_credentials
from registry_fixtures.errors import refusal
from registry_fixtures.faults import Action, redirect
from registry_fixtures.messages import Application, Request, Response


def redirect_to(origin: str) -> Action:
    """Send the client to the same place at another origin, `http://localhost:5001`."""
    return redirect(lambda request: origin + request.target)


def lead_on(origin: str) -> Action:
    """Let the upload that the client begins go on at another origin."""

    def apply(request: Request, application: Application) -> Response:
        response = application(request)
        if response.status == 202:
            response.headers["Location"] = origin + response.headers["Location"]
        return response

    return Action("lead on", apply)


def repeat_credentials() -> Action:
    """Answer 403, with an error that repeats what the client proved itself with."""

    def apply(request: Request, _: Application) -> Response:
        said = request.headers.get("Authorization", "nothing")
        if credentials := basic_credentials(request):
            said = f"{said}, which is {credentials[1]} of {credentials[0]}"
        return refusal(403, "DENIED", f"not enough: {said}")

    return Action("repeat credentials", apply)


def run_out(tokens: Token) -> Action:
    """Let the request pass, and no other one with a token that was issued before."""

    def apply(request: Request, application: Application) -> Response:
        tokens.expire()
        return application(request)

    return Action("tokens run out", apply)
