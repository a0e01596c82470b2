"""Objects in JSON, TOML and YAML: what is read is JSON, and what is not is refused."""

from pathlib import Path

import pytest

from relocator.errors import Refusal
from relocator.notations import read_written

LIMIT = 1024 * 1024
BOMB = "a: &a [x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def read(folder: Path, name: str, content: str | bytes) -> dict[str, object]:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_written(path, LIMIT)


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("1: a", {"1": "a"}),
        ("null: {true: a}", {"null": {"true": "a"}}),
        ("a: [1, 1.5, yes, ~]", {"a": [1, 1.5, True, None]}),
    ],
)
def test_yaml_becomes_json(text: str, document: object, tmp_path: Path) -> None:
    assert read(tmp_path, "it.yaml", text) == document


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("it.yaml", "a: 1\na: 2", "the key 'a' stands twice"),
        ("it.yaml", "1: a\n'1': b", "the key '1' stands twice"),
        ("it.yaml", BOMB, "an alias, which is not read here"),
        ("it.yaml", "a: &a [*a]", "an alias, which is not read here"),
        ("it.yaml", "a: !!int ''", "JSON does not know"),
        ("it.yaml", "a: !!float ''", "JSON does not know"),
        ("it.yaml", "a: !!bool x", "JSON does not know"),
        ("it.yaml", "a: !!timestamp x", "JSON does not know"),
        ("it.yaml", "a: !!binary eA==", "JSON does not know"),
        ("it.yaml", "a: .inf", "JSON does not know"),
        ("it.yaml", "? [a]\n: b", "is not YAML"),
        ("it.yaml", "a: b\n---\nc: d", "is not YAML"),
        ("it.yaml", "a: !!python/object:os.system x", "is not YAML"),
        ("it.yaml", "[" * 5000, "nested too deeply"),
        ("it.yaml", b"\xff\x00\x01", "is not YAML"),
        ("it.yml", "", "is not a YAML mapping"),
        ("it.toml", "a = inf", "JSON does not know"),
        ("it.toml", "a = " + "[" * 5000, "nested too deeply"),
        ("it.toml", "a." * 2000 + "a = 1", "nested too deeply"),
        ("it.toml", b"\xff", "is not TOML"),
        ("it.json", '{"a": 1e999}', "the number '1e999' is too large"),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_what_cannot_be_read_is_refused_in_one_line(
    name: str, content: str | bytes, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(Refusal) as refused:
        read(tmp_path, name, content)

    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)
