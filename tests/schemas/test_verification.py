"""What a verification must not say of a destination, and what a person is told."""

from collections.abc import Callable
from typing import Any

import pytest

from relocation_schemas import Invalid, schema, validate

Edit = Callable[[dict[str, Any]], object]


def edited(edit: Edit) -> dict[str, Any]:
    """The schema's own example with one thing changed."""
    document: dict[str, Any] = schema("verification")["examples"][0]
    edit(document)
    return document


REFUSED: list[tuple[Edit, str, str]] = [
    (lambda it: it.update({"$schema": "other"}), '["$schema"]', 'must be "https://'),
    (lambda it: it.update(exit_status=3), "exit_status", "must be 0 or 1 or 2, not 3"),
    (lambda it: it.update(bytes=-1), "bytes", "must be at least 0"),
    (lambda it: it.update(images=[]), "images", "must not be empty"),
    (lambda it: it.update(proven=True), "the document", 'has an unknown field: "proven"'),
    (lambda it: it["verdicts"].pop("proven"), "verdicts", "proven is missing"),
    (lambda it: it["images"][0].update(verdict="fine"), "images[0].verdict", "must be "),
    (lambda it: it["images"][0].update(digest="sha256:ab"), "images[0].digest", "must be a digest"),
    (lambda it: it["images"][0].update(places=[]), "images[0].places", "must not be empty"),
    (lambda it: it["images"][0].pop("relocated"), "images[0]", "relocated is missing"),
    (lambda it: it["images"][0]["given"][0].update(by="me"), "images[0].given[0].by", "must be "),
    (
        lambda it: it["images"][1]["faults"][0].update(verdict="proven"),
        "images[1].faults[0].verdict",
        "must be ",
    ),
]


@pytest.mark.parametrize(("edit", "place", "reason"), REFUSED, ids=[each[1] for each in REFUSED])
def test_verification_is_refused(edit: Edit, place: str, reason: str) -> None:
    with pytest.raises(Invalid) as refusal:
        validate(edited(edit), "verification")

    assert refusal.value.place == place
    assert refusal.value.reason.startswith(reason)
