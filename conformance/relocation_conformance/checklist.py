"""The rules that checks and mutants name, read from their source without running it. Pure.

So they are known of a revision, too, that cannot be imported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """A test function of the suite: `test_name.py::test_a_tag_is_kept`, and its rules' ids."""

    name: str
    rules: tuple[str, ...]


def read_checks(modules: Mapping[str, str]) -> tuple[Check, ...]:
    """Return the checks in *modules*, Python source by file name, in their order.

    Raises SyntaxError for source that is none.
    """
    return tuple(
        Check(f"{name}::{function.name}", tuple(dict.fromkeys(_rules(function))))
        for name, source in modules.items()
        for function in _functions(ast.parse(source, name))
    )


def checks_of(rule: str, checks: Sequence[Check]) -> list[str]:
    """Return the names of the checks that name *rule*."""
    return [check.name for check in checks if rule in check.rules]


def read_mutants(source: str) -> dict[str, list[str]]:
    """Return the table `BREAKS` of the Python *source*: mutants, and the ids that each breaks.

    Raises ValueError or SyntaxError if there is none, or it is no literal.
    """
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and [_name(target) for target in node.targets] == [
            "BREAKS"
        ]:
            table = ast.literal_eval(node.value)
            return {str(name): [str(rule) for rule in rules] for name, rules in table.items()}
    raise ValueError("it has no table BREAKS")


def _functions(module: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


def _rules(function: ast.FunctionDef) -> Iterator[str]:
    """Yield the ids in its decorators `@requirement("NAME-1")`, also where they are marks."""
    for decorator in function.decorator_list:
        for node in ast.walk(decorator):
            if isinstance(node, ast.Call) and _name(node.func) == "requirement":
                yield from (str(each.value) for each in node.args if isinstance(each, ast.Constant))


def _name(expression: ast.expr) -> str:
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""
