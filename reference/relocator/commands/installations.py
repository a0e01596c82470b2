"""The commands `relocator list` and `relocator show`."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from typing import Any

from relocator.commands.options import Commands
from relocator.errors import Refusal, printable
from relocator.installations import Installation, State
from relocator.parameters import rendered

_HIDDEN = "(hidden)"
_COLUMNS = ("name", "bundle", "version", "action", "status", "modified")


def add_parser(commands: Commands) -> None:
    """Add `list` and `show`."""
    every = commands.add_parser(
        "list",
        help="list the installations",
        description="List the installations: the bundle of each, and what became of the last "
        "action. One that was uninstalled is not listed.",
    )
    every.set_defaults(run=_list)
    one = commands.add_parser(
        "show",
        help="show what is known of an installation",
        description="Show what is known of an installation, also of one that was uninstalled: its "
        "bundle, parameters and outputs, and all that was done.",
    )
    one.set_defaults(run=_show)
    one.add_argument("name", metavar="NAME", help="the name of the installation")
    for command in (every, one):
        command.add_argument("--json", action="store_true", help="print JSON instead of text")


def _list(options: argparse.Namespace) -> int:
    state = State.of(os.environ)
    found: list[dict[str, str]] = []
    damaged: list[Refusal] = []
    for name in state.names():
        try:
            installation = state.find(name)
        except Refusal as refusal:
            damaged.append(refusal)
            continue
        if installation and not installation.is_gone:
            found.append(_summary(installation))
    for line in [json.dumps(found, indent=2)] if options.json else _table(found):
        print(line)
    # The others are listed all the same.
    if damaged:
        raise damaged[0]
    return 0


def _table(found: list[dict[str, str]]) -> Iterator[str]:
    if not found:
        return
    heads = {name: name.upper() for name in _COLUMNS}
    rows = [[printable(each[name]) for name in _COLUMNS] for each in (heads, *found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(map(str.ljust, row, widths)).rstrip()


def _show(options: argparse.Namespace) -> int:
    state = State.of(os.environ)
    installation = state.find(options.name)
    if installation is None:
        raise Refusal(f"there is no installation {options.name}")
    details = _details(state, installation)
    print(
        json.dumps(details, indent=2)
        if options.json
        else "\n".join(map(printable, _lines(details)))
    )
    return 0


def _summary(installation: Installation) -> dict[str, str]:
    last, present = installation.last, installation.present
    return {
        "name": installation.name,
        "bundle": present.bundle["name"],
        "version": present.bundle["version"],
        "revision": present.revision,
        "action": last.claim.action,
        "status": installation.status,
        "created": installation.records[0].claim.created,
        "modified": last.result.created,
    }


def _details(state: State, installation: Installation) -> dict[str, Any]:
    last, present = installation.last, installation.present
    definitions = present.bundle.get("definitions", {})
    parameters = present.bundle.get("parameters", {})
    outputs = {
        name: {"contentDigest": digest, "path": str(state.output(last.claim, name))}
        for name, digest in last.result.outputs.items()
    }
    actions = [
        {
            "id": record.claim.id,
            "action": record.claim.action,
            "revision": record.claim.revision,
            "version": record.claim.bundle["version"],
            "created": record.claim.created,
            "status": record.result.status,
            "message": record.result.message,
        }
        for record in installation.records
    ]
    return {
        **_summary(installation),
        "message": last.result.message,
        "parameters": {
            name: _HIDDEN if _is_secret(definitions, parameters.get(name)) else value
            for name, value in present.parameters.items()
        },
        "outputs": outputs,
        "actions": actions,
    }


def _is_secret(definitions: dict[str, Any], parameter: object) -> bool:
    """Source: CNAB 101, what is `writeOnly` is not written where people can see it."""
    name = parameter.get("definition") if isinstance(parameter, dict) else None
    definition = definitions.get(name) if name else None
    return isinstance(definition, dict) and bool(definition.get("writeOnly"))


def _lines(details: dict[str, Any]) -> Iterator[str]:
    for name in (*_COLUMNS, "created", "revision", "message"):
        if details[name]:
            yield f"{name + ':':10} {details[name]}"
    for name, value in details["parameters"].items():
        yield f"parameter: {name} = {rendered(value)}"
    for name, output in details["outputs"].items():
        yield f"output:    {name} in {output['path']}"
    for each in details["actions"]:
        status = f"{each['status']} ({each['message']})" if each["message"] else each["status"]
        yield f"action:    {each['created']} {each['action']} {each['version']}: {status}"
