"""Every worked example of SPECIFICATION.md is run: each row of its tables, each of its blocks."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from registry_fixtures.bundles import Bundle, thick_bundle
from registry_fixtures.embedded import EmbeddedRegistry
from relocation_conformance import references
from relocation_conformance.published import published_name
from relocator import names
from relocator.errors import Refusal
from sessions import blocks, said, script

TEXT = (Path(__file__).parents[2] / "SPECIFICATION.md").read_text()
HOST = "registry.example.com"
PREFIX = "example.com/user"


def table(*header: str) -> list[tuple[str, ...]]:
    """The rows of the table with that header, without the marks of code."""
    start = f"| {' | '.join(header)} |\n|{'---|' * len(header)}\n"
    assert TEXT.count(start) == 1
    rows = TEXT.partition(start)[2].partition("\n\n")[0].splitlines()
    return [tuple(cell.strip(" `") for cell in row.strip("|").split("|")) for row in rows]


def block(mark: str) -> str:
    (found,) = [content for marked, content in blocks(TEXT) if marked == mark]
    return found


def console() -> list[str]:
    return [content for mark, content in blocks(TEXT) if mark == "console"]


NORMAL_FORMS = table("name", "normal form")
NO_NAMES = table("no name", "because")
RELOCATED = table("name", "relocated name")


def test_tables_and_blocks_are_all_known() -> None:
    known = {"| class |", "| name |", "| no name |", "| verdict |"}
    headers = re.findall(r"^(\|[^|]+\|).*\n\|---", TEXT, re.MULTILINE)
    marks = {mark for mark, _ in blocks(TEXT)}

    assert (set(headers), TEXT.count("\n|---")) == (known, 5)
    assert (marks, TEXT.count("\n```")) == (
        {"json bundle.json", "json mapping.json", "console"},
        2 * len(blocks(TEXT)),
    )


@pytest.mark.parametrize(("name", "normal"), NORMAL_FORMS)
def test_normal_form_is_that_of_the_suite(name: str, normal: str) -> None:
    assert str(references.parse(name)) == normal


@pytest.mark.parametrize(("name", "normal"), NORMAL_FORMS)
def test_normal_form_is_that_of_the_reference(name: str, normal: str) -> None:
    assert str(names.parse(name)) == normal


@pytest.mark.parametrize("name", [row[0] for row in NO_NAMES])
def test_no_name_is_none_to_the_suite(name: str) -> None:
    with pytest.raises(references.Malformed):
        references.parse(name)


@pytest.mark.parametrize("name", [row[0] for row in NO_NAMES])
def test_no_name_is_none_to_the_reference(name: str) -> None:
    with pytest.raises(Refusal):
        names.parse(name)


def test_relocated_names_are_under_the_prefix_that_is_shown() -> None:
    assert f"\nUnder the prefix `{PREFIX}`:\n" in TEXT


@pytest.mark.parametrize(("name", "relocated"), RELOCATED)
def test_relocated_name_is_the_published_one(name: str, relocated: str) -> None:
    assert published_name(name, PREFIX) == relocated


@pytest.mark.parametrize(("name", "relocated"), RELOCATED)
def test_relocated_name_is_that_of_the_reference(name: str, relocated: str) -> None:
    assert str(names.relocated(names.parse(name), names.parse_prefix(PREFIX))) == relocated


@pytest.fixture
def destination() -> Iterator[EmbeddedRegistry]:
    with EmbeddedRegistry() as registry:
        yield registry


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    """The bundle that is shown, written as the thick bundle that the commands are given."""
    document: dict[str, Any] = json.loads(block("json bundle.json"))
    images = [*document["invocationImages"], *document["images"].values()]
    carried = [each["image"] for each in images if each.get("imageType") != "vm"]
    archive = thick_bundle(*carried, content_digests=False, filename="shop.tgz")
    shown = replace(archive, document=document)
    shown.write(tmp_path)
    return shown


def enter(session: str, folder: Path, host: str) -> str:
    """Run the commands of a session, and return what they say."""
    programs = Path(sys.executable).parent
    done = subprocess.run(
        ["sh", "-c", script(session).replace(HOST, host)],
        cwd=folder,
        env=os.environ | {"PATH": f"{programs}:{os.environ['PATH']}", "DOCKER_CONFIG": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=30,
    )
    return done.stdout.replace(host, HOST)


@pytest.mark.usefixtures("bundle")
@pytest.mark.parametrize("session", console(), ids=["relocated", "refused"])
def test_session_goes_as_shown(session: str, tmp_path: Path, destination: EmbeddedRegistry) -> None:
    assert enter(session, tmp_path, destination.host) == said(session)


@pytest.mark.usefixtures("bundle")
def test_mapping_is_the_one_shown(tmp_path: Path, destination: EmbeddedRegistry) -> None:
    enter(console()[0], tmp_path, destination.host)

    mapping = (tmp_path / "mapping.json").read_text().replace(destination.host, HOST)
    assert mapping == block("json mapping.json")


@pytest.mark.usefixtures("bundle")
def test_refused_session_leaves_no_mapping(tmp_path: Path, destination: EmbeddedRegistry) -> None:
    enter(console()[1], tmp_path, destination.host)

    assert not (tmp_path / "mapping.json").exists()
