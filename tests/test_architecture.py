"""The house stands as it was drawn: which package knows which, read from the source alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
ROOTS = {
    "relocation_schemas": "schemas",
    "registry_fixtures": "registry-fixtures",
    "relocation_conformance": "conformance",
    "relocator": "reference",
}
KNOWS = {
    "relocation_schemas": set[str](),
    "registry_fixtures": {"relocation_schemas"},
    "relocation_conformance": {"relocation_schemas", "registry_fixtures"},
    "relocator": {"relocation_schemas"},
}
LONGEST = 400
"""Lines that a module may have."""


@dataclass(frozen=True)
class Import:
    """A module that is imported, the name that is taken from it if any, and what it is called."""

    source: str
    name: str
    bound: str

    @property
    def package(self) -> str:
        return self.source.partition(".")[0]


def modules(*folders: str) -> list[str]:
    """Return the Python files below the folders, as paths from the project's own."""
    files = (file for folder in folders for file in (PROJECT / folder).rglob("*.py"))
    return sorted(str(file.relative_to(PROJECT)) for file in files)


MODULES = modules(*ROOTS.values())
each_module = pytest.mark.parametrize("module", MODULES)


def nodes(module: str) -> Iterator[ast.AST]:
    return ast.walk(ast.parse((PROJECT / module).read_text("utf-8")))


def imports(module: str) -> Iterator[Import]:
    """Yield the imports of the module, wherever in it they are; relative ones in full."""
    for node in nodes(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, "", alias.asname or alias.name.partition(".")[0])
        elif isinstance(node, ast.ImportFrom):
            package = list(Path(module).parts[1:-1])
            relative = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*relative, *filter(None, [node.module])])
            yield from (Import(source, each.name, each.asname or each.name) for each in node.names)


def own_package(module: str) -> str:
    """Return the package that the module is part of."""
    return Path(module).parts[1]


def from_others(module: str) -> list[Import]:
    """Return what the module imports from other packages of the project."""
    others = ROOTS.keys() - {own_package(module)}
    return [each for each in imports(module) if each.package in others]


def accessed(module: str) -> Iterator[str]:
    """Yield `name.attribute` for what the module takes of the things it imports from others."""
    bound = {each.bound for each in from_others(module)}
    for node in nodes(module):
        if isinstance(node, ast.Attribute) and ast.unparse(node).partition(".")[0] in bound:
            yield ast.unparse(node)


def is_private(name: str) -> bool:
    """Tell whether part of a dotted name has a leading underscore, and is not magic."""
    return any(part.startswith("_") and not part.startswith("__") for part in name.split("."))


def test_all_packages_are_looked_at() -> None:
    assert {own_package(module) for module in MODULES} == ROOTS.keys()


@each_module
def test_dependencies_point_one_way(module: str) -> None:
    assert {each.package for each in from_others(module)} <= KNOWS[own_package(module)]


@pytest.mark.parametrize("module", modules("conformance", "registry-fixtures", "schemas"))
def test_what_judges_never_imports_the_reference(module: str) -> None:
    assert "relocator" not in {each.package for each in imports(module)}


@each_module
def test_no_package_imports_what_tests_share(module: str) -> None:
    shared = {file.stem for file in (PROJECT / "tests/shared").iterdir()}

    assert shared.isdisjoint(each.package for each in imports(module))


@each_module
def test_no_private_name_of_another_package_is_used(module: str) -> None:
    named = [f"{each.source}.{each.name}" for each in from_others(module)]

    assert [name for name in [*named, *accessed(module)] if is_private(name)] == []


@each_module
def test_module_is_of_a_readable_length(module: str) -> None:
    assert len((PROJECT / module).read_text("utf-8").splitlines()) <= LONGEST
