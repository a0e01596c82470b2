"""Faults in how a bundle is run from its relocated images."""

import json
import subprocess
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from reference_faults.faults import fault, swap
from relocator import invocation, operation, parameters, runtime
from relocator.actions import INSTALL
from relocator.bundles import Bundle
from relocator.commands import runtime as command
from relocator.commands.options import registries
from relocator.errors import ActionFailed, Refusal
from relocator.invocation import InvocationImage, choose, verified
from relocator.mapping import parse_mapping
from relocator.names import parse
from relocator.operation import BUNDLE_FILE, MAPPING_FILE, Operation, operation_for
from relocator.parameters import resolve
from relocator.registry import Registries
from relocator.relocate import as_read
from relocator.value_sets import read_credentials

Names = Mapping[str, str] | None
Handles = Callable[[str], bool]


def map_otherwise(names: Callable[[Bundle, Names], Names]) -> None:
    """Have the invocation image chosen as if the mapping were what *names* makes of it."""

    def chosen(bundle: Bundle, mapping: Names, handles: Handles) -> InvocationImage:
        return choose(bundle, names(bundle, mapping), handles)

    swap(runtime, "choose", chosen)


def alter(change: Callable[[Operation], Operation]) -> None:
    """Have *change* made to what is to be run."""
    swap(runtime, "operation_for", lambda *arguments: change(operation_for(*arguments)))


def alter_files(change: Callable[[dict[str, bytes]], object]) -> None:
    """Have *change* made, in place, to the files of the container."""

    def changed(operation: Operation) -> Operation:
        files = dict(operation.files)
        change(files)
        return replace(operation, files=files)

    alter(changed)


def anew(path: str) -> None:
    """Have the JSON file *path* of the container written anew."""

    def write(files: dict[str, bytes]) -> None:
        if path in files:
            files[path] = json.dumps(json.loads(files[path]), sort_keys=True).encode()

    alter_files(write)


@fault
def runs_the_original_image() -> None:
    map_otherwise(lambda *_: None)


@fault
def mounts_no_mapping() -> None:
    alter_files(lambda files: files.pop(MAPPING_FILE, None))


@fault
def mounts_the_mapping_anew() -> None:
    anew(MAPPING_FILE)


@fault
def mounts_a_mapping_always() -> None:
    alter_files(lambda files: files.setdefault(MAPPING_FILE, b"{}"))


@fault
def uses_the_mapping_to_install_alone() -> None:
    original = runtime.Runtime._operation

    def made(self: runtime.Runtime, request: runtime.Request, *others: Any) -> Operation:
        mapping = request.mapping if request.action == INSTALL else None
        return original(self, replace(request, mapping=mapping), *others)

    swap(runtime.Runtime, "_operation", made)


@fault
def uses_the_mapping_of_thin_bundles_alone() -> None:
    map_otherwise(lambda bundle, names: None if bundle.layout else names)


@fault
def runs_what_it_finds() -> None:
    swap(runtime, "verified", lambda image, _: image)


@fault
def minds_content_digests_alone() -> None:
    swap(invocation, "_stated", lambda _, content_digest, __: content_digest)


@fault
def falls_back_on_the_original_image() -> None:
    def with_fallback(image: InvocationImage, registries: Registries) -> InvocationImage:
        try:
            return verified(image, registries)
        except Refusal:
            name = str(image.entry["image"])
            fallback = replace(image, reference=name, name=as_read(parse(name)))
            return verified(fallback, registries)

    swap(runtime, "verified", with_fallback)


@fault
def needs_no_entry_in_the_mapping() -> None:
    def names(bundle: Bundle, mapping: Names) -> Names:
        return {**{image.reference: image.reference for image in bundle.images}, **(mapping or {})}

    map_otherwise(names)


@fault
def takes_a_malformed_mapping_for_none() -> None:
    def parsed(content: bytes, what: str) -> Names:
        try:
            return parse_mapping(content, what)
        except Refusal:
            return None

    swap(runtime, "parse_mapping", parsed)


@fault
def forgives_failures() -> None:
    swap(runtime, "_check_status", lambda *_: None)


@fault
def ends_every_failure_with_1() -> None:
    original = runtime._check_status

    def check(*arguments: Any) -> None:
        try:
            original(*arguments)
        except ActionFailed as failed:
            raise ActionFailed(str(failed), 1) from None

    swap(runtime, "_check_status", check)


@fault
def keeps_output_to_itself() -> None:
    quiet = partial(subprocess.Popen, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    swap(subprocess, "Popen", quiet)


@fault
def mounts_no_bundle() -> None:
    alter_files(lambda files: files.pop(BUNDLE_FILE))


@fault
def mounts_the_bundle_anew() -> None:
    anew(BUNDLE_FILE)


@fault
def says_install_to_everything() -> None:
    def always_install(operation: Operation) -> Operation:
        return replace(operation, environment={**operation.environment, "CNAB_ACTION": INSTALL})

    alter(always_install)


@fault
def keeps_one_revision() -> None:
    swap(runtime, "modifies", lambda *_: False)


@fault
def puts_values_into_the_environment_alone() -> None:
    original = operation._Container.put

    def put(self: Any, what: str, destination: Mapping[str, Any], content: bytes) -> None:
        original(self, what, {"env": destination["env"]}, content)

    swap(operation._Container, "put", put)


@fault
def fills_in_no_defaults() -> None:
    swap(parameters.Parameter, "has_default", property(lambda _: False))


@fault
def requires_no_parameters() -> None:
    def relaxed(document: Mapping[str, Any], *others: Any) -> dict[str, Any]:
        entries = document.get("parameters", {}).items()
        optional = {name: {**entry, "required": False} for name, entry in entries}
        return resolve({**document, "parameters": optional}, *others)

    swap(runtime, "resolve", relaxed)


@fault
def takes_any_value() -> None:
    swap(parameters, "_misfit", lambda *_: None)


@fault
def requires_no_credentials() -> None:
    def relaxed(files: Any, document: Mapping[str, Any], action: str) -> dict[str, bytes]:
        entries = document.get("credentials", {}).items()
        optional = {name: {**entry, "required": False} for name, entry in entries}
        return read_credentials(files, {**document, "credentials": optional}, action)

    swap(runtime, "read_credentials", relaxed)


@fault
def trusts_as_it_likes_where_it_runs_images() -> None:
    def plain(options: Namespace, connections: int) -> Registries:
        untold = Namespace(**{**vars(options), "ca_cert_path": [], "skip_tls_verify": False})
        return registries(untold, connections)

    swap(command, "registries", plain)
