"""The commands `relocator install`, `upgrade`, `uninstall` and `run`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from pathlib import Path

from relocator.actions import BUILT_IN, INSTALL, UNINSTALL, UPGRADE
from relocator.commands.options import Commands, add_bundle, add_mapping, add_trust, registries
from relocator.credentials import DockerConfig
from relocator.drivers import driver_named
from relocator.errors import Refusal, printable, shown
from relocator.files import read_file
from relocator.installations import State
from relocator.output import tell
from relocator.parameters import Content, Given, Text
from relocator.runtime import Request, Runtime
from relocator.value_sets import MAX_VALUE, read_parameters

_IMAGE = (
    "The bundle's invocation image is run with a driver. With a relocation mapping it is pulled by "
    "its relocated name, and the mapping is at /cnab/app/relocation-mapping.json for it to read; "
    "without one it is pulled from where the bundle says, also if the bundle is thick. Where the "
    "bundle states its digest, nothing is run that has another."
)
_STATUS = (
    "Exit status: 1 with one sentence if the action could not be begun or was interrupted, and "
    "else that of the invocation image."
)


def add_parser(commands: Commands) -> None:
    """Add the commands that run an invocation image."""
    _add(commands, INSTALL, "install a bundle", "Install a bundle under a name of your choice.")
    _add(commands, UPGRADE, "upgrade an installation", "Upgrade what was installed.")
    _add(
        commands,
        UNINSTALL,
        "uninstall an installation",
        "Uninstall what was installed. Its record is kept, but it is not listed any more.",
    )
    _add(
        commands, "run", "run an action that a bundle declares", "Run one of the bundle's actions."
    )


def _add(commands: Commands, name: str, purpose: str, description: str) -> None:
    command = commands.add_parser(
        name, help=purpose, description=f"{description} {_IMAGE}", epilog=_STATUS
    )
    command.set_defaults(run=_perform)
    if name in BUILT_IN:
        command.set_defaults(action=name)
    else:
        command.add_argument("action", metavar="ACTION", type=_custom, help="the action's name")
    command.add_argument("name", metavar="NAME", help="the name of the installation")
    add_bundle(command, optional=name != INSTALL)
    purpose = "the relocation mapping of the bundle, to use the relocated images"
    add_mapping(command, purpose, optional=True)
    command.add_argument(
        "-d",
        "--driver",
        metavar="DRIVER",
        default="docker",
        help="what runs the invocation image: docker (default); debug, which prints the operation "
        "as JSON, credentials and all, and runs and records nothing; or NAME for the command "
        "cnab-NAME, which gets that JSON on its standard input",
    )
    _add_values(command)
    add_trust(command)


def _add_values(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "-s",
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        type=_pair,
        help="a parameter's value, read as its definition says (may be given more than once)",
    )
    command.add_argument(
        "-i",
        "--set-file",
        metavar="NAME=PATH",
        action="append",
        default=[],
        type=_pair,
        help="a parameter's value from a file (may be given more than once)",
    )
    command.add_argument(
        "-p",
        "--parameters",
        metavar="FILE",
        type=Path,
        help="values of parameters: a parameter set, or an object of values by name; JSON, TOML "
        "or YAML by its suffix; what is set otherwise comes before it",
    )
    command.add_argument(
        "-c",
        "--credentials",
        metavar="FILE",
        action="append",
        default=[],
        type=Path,
        help="a credential set, JSON, TOML or YAML by its suffix (may be given more than once)",
    )


def _perform(options: argparse.Namespace) -> int:
    request = Request(
        options.action,
        options.name,
        options.bundle,
        options.relocation_mapping,
        _given(options),
        tuple(options.credentials),
    )
    driver = driver_named(options.driver, DockerConfig.read(os.environ))
    runtime = Runtime(State.of(os.environ), driver, registries(options, connections=1), _warn)
    runtime.perform(request)
    return 0


def _given(options: argparse.Namespace) -> dict[str, Given]:
    """Return what the user says of parameters, each told once on the command line."""
    told = [*_names(options.set), *_names(options.set_file)]
    if twice := next((name for name in told if told.count(name) > 1), None):
        raise Refusal(f"the parameter {shown(twice)} is set more than once")
    given = read_parameters(options.parameters) if options.parameters else {}
    given |= {name: Text(value) for name, value in options.set}
    files = ((name, read_file(Path(path), MAX_VALUE)) for name, path in options.set_file)
    return given | {name: Content(content) for name, content in files}


def _names(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return [name for name, _ in pairs]


def _custom(text: str) -> str:
    if text in BUILT_IN:
        raise argparse.ArgumentTypeError(f"{text} is a command of its own")
    return text


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _warn(sentence: str) -> None:
    tell(f"Warning: {printable(sentence)}")
