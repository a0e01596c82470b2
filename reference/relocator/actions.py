"""What may be done to an installation: CNAB's three actions, and those that a bundle declares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from relocator.errors import Refusal, shown

INSTALL, UPGRADE, UNINSTALL = "install", "upgrade", "uninstall"
BUILT_IN = (INSTALL, UPGRADE, UNINSTALL)


def check_action(document: Mapping[str, Any], action: str) -> None:
    """Raise `Refusal` unless the bundle can be asked for *action*."""
    custom = _custom(document)
    for name in BUILT_IN:
        if name in custom:
            raise Refusal(f"the bundle declares {name} as an action of its own, which CNAB forbids")
    if action not in BUILT_IN and action not in custom:
        known = ", ".join(map(shown, custom)) or "none beside CNAB's own"
        raise Refusal(f"the bundle has no action {shown(action)}: its actions are {known}")


def modifies(document: Mapping[str, Any], action: str) -> bool:
    """Whether the action changes what is installed, which makes a new revision."""
    return action in BUILT_IN or bool(_custom(document).get(action, {}).get("modifies"))


def is_stateless(document: Mapping[str, Any], action: str) -> bool:
    """Whether the action needs no installation and no credentials, and is not recorded."""
    return action not in BUILT_IN and bool(_custom(document).get(action, {}).get("stateless"))


def applies(entry: Mapping[str, Any], action: str) -> bool:
    """Whether a parameter, credential or output is for *action*: an empty `applyTo` is for all."""
    return not entry.get("applyTo") or action in entry["applyTo"]


def _custom(document: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    actions: Mapping[str, Mapping[str, Any]] = document.get("actions", {})
    return actions
