"""Pages that need nothing but themselves: templates, one style sheet, no script."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from relocation_conformance.reports.texts import brief, counted, cut, listed, seconds, visible

FAMILIES = {
    "NAME": "Names",
    "DIGEST": "Digests",
    "TYPE": "Image types",
    "MAP": "The relocation mapping",
    "THIN": "Thin bundles",
    "THICK": "Thick bundles",
    "BUNDLE": "Which bundles are accepted",
    "CLI": "The command line",
    "AUTH": "Credentials",
    "TLS": "TLS",
    "FAULT": "Failure",
    "SAFE": "Hostile input",
    "RUN": "Runtimes",
}
"""What the families of rules are about."""

_ICONS = {
    "conformant": "kept",
    "partial": "partial",
    "nonconformant": "broken",
    "deviation": "documented-deviation",
}


def render(template: str, **values: object) -> str:
    """Return the page that *template* makes of *values*."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("relocation_conformance.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "brief": brief,
        "counted": counted,
        "cut": cut,
        "listed": listed,
        "seconds": seconds,
        "icon": icon,
        "visible": visible,
    }
    style = (resources.files(__package__) / "templates" / "style.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment.globals |= {
        "families": FAMILIES,
        # Whatever a hostile text managed to become, a browser would neither run nor fetch it.
        "policy": f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:",
        "style": Markup(style),
    }
    return environment


def icon(word: str) -> str:
    """Return the name of the picture, and class of style, for a judgement, result or verdict."""
    return _ICONS.get(word, word.replace(" ", "-"))


def _shown(value: object) -> object:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
