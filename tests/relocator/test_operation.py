"""The operation: where things go in the container, and what may not go where."""

import json
from typing import Any

import pytest

from relocation_schemas import validate
from relocator.claims import Claim
from relocator.errors import Refusal
from relocator.operation import Operation, operation_for
from relocator.ulids import new_ulid

IMAGE = {"image": "example.com/installer:v1"}


def operation(
    parameters: dict[str, Any] | None = None,
    credentials: dict[str, Any] | None = None,
    values: dict[str, object] | None = None,
    mapping: bytes | None = None,
    apply_to: list[str] | None = None,
    **fields: object,
) -> Operation:
    """The operation of a bundle whose parameters and credentials are given by destination."""
    declared = {
        name: {"definition": "any", "destination": where, "applyTo": apply_to or []}
        for name, where in (parameters or {}).items()
    }
    document = {
        "schemaVersion": "v1",
        "name": "hello",
        "version": "0.1.0",
        "invocationImages": [IMAGE],
        "definitions": {"any": {}},
        "parameters": declared,
        "credentials": credentials or {},
        **fields,
    }
    claim = Claim(
        new_ulid(), "mine", new_ulid(), "2026-11-24T01:02:03Z", "install", document, values or {}
    )
    secrets = dict.fromkeys(credentials or {}, b"secret")
    return operation_for(claim, "last", b"the bundle", IMAGE, secrets, mapping)


def test_the_invocation_image_is_told_what_cnab_has_variables_for() -> None:
    made = operation()

    assert made.environment == {
        "CNAB_ACTION": "install",
        "CNAB_BUNDLE_NAME": "hello",
        "CNAB_BUNDLE_VERSION": "0.1.0",
        "CNAB_CLAIMS_VERSION": "CNAB-Claims-1.0.0",
        "CNAB_INSTALLATION_NAME": "mine",
        "CNAB_LAST_REVISION": "last",
        "CNAB_REVISION": made.claim.revision,
    }


def test_bundle_and_mapping_are_there_byte_for_byte() -> None:
    made = operation(mapping=b'{ "a":"b"}\n')

    assert made.files["/cnab/bundle.json"] == b"the bundle"
    assert made.files["/cnab/app/relocation-mapping.json"] == b'{ "a":"b"}\n'


def test_without_a_mapping_there_is_no_file_for_one() -> None:
    assert sorted(operation().files) == ["/cnab/bundle.json", "/cnab/claim.json"]


def test_the_claim_of_the_action_is_there() -> None:
    made = operation()

    claim = json.loads(made.files["/cnab/claim.json"])

    validate(claim, "claim")
    assert claim == made.claim.document()


def test_a_value_goes_to_a_variable_and_to_a_file() -> None:
    made = operation({"it": {"env": "IT", "path": "/etc/it"}}, values={"it": [1, "é"]})

    assert made.environment["IT"] == '[1,"é"]'
    assert made.files["/etc/it"] == '[1,"é"]'.encode()


def test_a_parameter_without_a_value_is_there_and_empty() -> None:
    made = operation({"it": {"env": "IT", "path": "/etc/it"}})

    assert (made.environment["IT"], made.files["/etc/it"]) == ("", b"")


def test_a_parameter_of_another_action_is_absent() -> None:
    made = operation({"it": {"env": "IT"}}, values={"it": 1}, apply_to=["upgrade"])

    assert "IT" not in made.environment


def test_a_credential_is_no_part_of_the_claim() -> None:
    made = operation(credentials={"key": {"env": "KEY", "path": "/key"}})

    assert (made.environment["KEY"], made.files["/key"]) == ("secret", b"secret")
    assert "secret" not in json.dumps(made.claim.document())


def test_outputs_are_those_that_apply() -> None:
    outputs = {
        "port": {"path": "/cnab/app/outputs/port"},
        "cert": {"path": "/cnab/app/outputs/cert", "applyTo": ["upgrade"]},
    }

    assert operation(outputs=outputs).outputs == {"/cnab/app/outputs/port": "port"}


def test_the_document_is_what_external_drivers_read() -> None:
    made = operation({"it": {"env": "IT"}}, values={"it": 1}, mapping=b"{}")

    document = made.document()

    validate(document, "operation")
    assert document["installation_name"] == "mine"
    assert document["parameters"] == {"it": 1}
    assert document["files"]["/cnab/app/relocation-mapping.json"] == "{}"
    assert document["Bundle"] == made.claim.bundle


def test_a_file_that_is_no_text_cannot_be_told_to_an_external_driver() -> None:
    with pytest.raises(Refusal, match="not UTF-8 text"):
        operation(mapping=b"\xff").document()


@pytest.mark.parametrize(
    ("parameters", "credentials", "reason"),
    [
        (
            {"a": {"env": "X"}, "b": {"env": "X"}},
            {},
            "the parameter b at 'X', where the param",
        ),
        (
            {"a": {"path": "/x"}},
            {"c": {"path": "/x"}},
            "a at '/x', where the credential c is",
        ),
        ({"a": {"path": "/cnab/bundle.json"}}, {}, "where CNAB is"),
        ({"a": {"path": "/cnab/app/relocation-mapping.json"}}, {}, "where CNAB is"),
        ({"a": {"path": "/cnab/app/run"}}, {}, "where CNAB is"),
        ({"a": {"path": "/a/../b"}}, {}, "is no path of a file"),
        ({"a": {"path": "/a/"}}, {}, "is no path of a file"),
        ({"a": {"path": "//a"}}, {}, "is no path of a file"),
        ({"a": {"path": "/a\0"}}, {}, "is no path of a file"),
        ({"a": {"path": "/\ud800"}}, {}, "is no path of a file"),
        ({"a": {"env": "\ud800"}}, {}, "no variable can be called"),
        ({"a": {"env": "CNAB_ACTION"}}, {}, "CNAB_ is for CNAB's own variables"),
        ({}, {"c": {"env": "CNAB_P_C"}}, "CNAB_ is for CNAB's own variables"),
        ({"a": {"env": "A=B"}}, {}, "no variable can be called"),
        ({"a": {}}, {}, "does not say where the parameter a goes"),
        ({}, {"c": {}}, "does not say where the credential c goes"),
    ],
    ids=str,
)
def test_a_place_that_may_not_be_used_is_refused(
    parameters: dict[str, Any], credentials: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Refusal) as refused:
        operation(parameters, credentials)

    assert reason in str(refused.value)


@pytest.mark.parametrize("path", ["/cnab/app/outputs/../run", "/cnab/app/outputs/"])
def test_an_output_that_is_no_file_below_the_folder_of_outputs_is_refused(path: str) -> None:
    with pytest.raises(Refusal, match="the output port"):
        operation(outputs={"port": {"path": path}})


@pytest.mark.parametrize("value", ["a\0b", "\ud800"], ids=["null", "surrogate"])
def test_a_value_that_no_variable_can_have_is_refused(value: str) -> None:
    with pytest.raises(Refusal, match="the parameter it"):
        operation({"it": {"env": "IT"}}, values={"it": value})
