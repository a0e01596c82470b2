"""Catalogue and checks, as they are in a checkout, in a file, or in a git revision."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from relocation_conformance.checklist import Check, read_checks, read_mutants
from relocation_conformance.requirements import Catalogue, read_catalogue
from relocation_schemas import Invalid, validate

PACKAGE = "conformance/relocation_conformance"
CATALOGUE = f"{PACKAGE}/requirements.toml"
SPECIFICATION = "SPECIFICATION.md"
MUTANTS = "tests/suite/test_mutants.py"


class Unreadable(Exception):
    """What was named cannot be read; `str()` is one sentence."""


@dataclass(frozen=True, slots=True)
class Revision:
    """The rules of one moment, and the checks that name them."""

    catalogue: Catalogue
    checks: tuple[Check, ...]


def find_checkout() -> Path:
    """Return the checkout around the working directory, else the one that this package is of.

    Raises Unreadable where the package is installed and no checkout is at hand.
    """
    here = Path.cwd()
    for folder in (here, *here.parents, *Path(__file__).parents):
        if (folder / SPECIFICATION).is_file() and (folder / CATALOGUE).is_file():
            return folder
    raise Unreadable(
        "There is no checkout here, and an installed package has no SPECIFICATION.md and no "
        "revisions: run this in a checkout, or name one with --root."
    )


def read_text(path: Path) -> str:
    """Return the text of a file. Raises Unreadable."""
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Unreadable(f"{path} is no text in UTF-8.") from None


def read_json(path: Path) -> object:
    """Return the JSON document in a file. Raises Unreadable."""
    try:
        document: object = json.loads(path.read_bytes())
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{path} is no JSON: {error}.") from None
    return document


def in_checkout(root: Path) -> Revision:
    """Return what is in the files of the checkout *root*. Raises Unreadable."""
    return in_file(root / CATALOGUE)


def in_file(path: Path) -> Revision:
    """Return what the requirements.toml at *path* says, and the checks of the suite.

    The suite is the folder `suite` beside it, else this installation's. Raises Unreadable.
    """
    beside = path.parent / "suite"
    suite = beside if beside.is_dir() else Path(__file__).parent / "suite"
    modules = {module.name: read_text(module) for module in sorted(suite.glob("test_*.py"))}
    return _revision(read_text(path), modules, str(path))


def in_git(name: str, root: Path) -> Revision:
    """Return what is in the git revision *name* of the checkout *root*. Raises Unreadable."""
    commit = _git(
        root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
    )
    if commit is None:
        raise Unreadable(f"{name} is neither a file nor a revision of the git repository {root}.")
    archive = _git(root, "archive", "--format=tar", commit.decode().strip(), "--", PACKAGE)
    files = _texts(archive) if archive is not None else {}
    if CATALOGUE not in files:
        raise Unreadable(f"The revision {name} has no {CATALOGUE}.")
    suite = f"{PACKAGE}/suite/"
    modules = {
        path.removeprefix(suite): text
        for path, text in files.items()
        if path.startswith(f"{suite}test_")
    }
    return _revision(files[CATALOGUE], modules, f"{CATALOGUE} of the revision {name}")


def mutants_in(path: Path) -> dict[str, list[str]]:
    """Return the mutants in the table of the Python file *path*. Raises Unreadable."""
    try:
        return read_mutants(read_text(path))
    except (ValueError, SyntaxError, AttributeError, TypeError) as error:
        raise Unreadable(f"{path} tells nothing of mutants: {_first_line(error)}.") from None


def _revision(text: str, modules: Mapping[str, str], what: str) -> Revision:
    try:
        document = tomllib.loads(text)
        validate(document, "catalogue")
        catalogue = read_catalogue(document)
    except (tomllib.TOMLDecodeError, Invalid, ValueError) as error:
        raise Unreadable(f"{what} is no catalogue of rules: {_first_line(error)}.") from None
    try:
        return Revision(catalogue, read_checks(modules))
    except SyntaxError as error:
        raise Unreadable(f"{what} has a suite that is no Python: {_first_line(error)}.") from None


def _git(root: Path, *arguments: str) -> bytes | None:
    """Return what git says, None if it fails. Raises Unreadable if there is no git."""
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        raise Unreadable("git is not installed, and it is needed to read a revision.") from None
    return done.stdout if done.returncode == 0 else None


def _texts(archive: bytes) -> dict[str, str]:
    texts: dict[str, str] = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            file = tar.extractfile(member) if member.isfile() else None
            if file is not None and member.name.endswith((".py", ".toml")):
                texts[member.name] = file.read().decode("utf-8", "replace")
    return texts


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".")
