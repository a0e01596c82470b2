"""Faults in how names are made, and in what the mapping says of them."""

import json
import os
import random
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from hashlib import md5, sha256
from pathlib import Path
from typing import Any

from reference_faults.faults import fault, swap
from relocator import layout, mapping, names
from relocator import relocate as use_case
from relocator.bundles import BundleImage
from relocator.names import ImageName


def rename(relocated: Callable[[ImageName, str], ImageName]) -> None:
    swap((names, use_case), "relocated", relocated)


def under(prefix: str, name: ImageName, last: str) -> ImageName:
    domain, _, path = f"{prefix}/{last}".partition("/")
    return replace(name, domain=domain, path=path)


def flat(name: ImageName) -> str:
    return name.path.replace("/", "-")


@fault
def joins_official_names_with_a_dash() -> None:
    original = names.relocated

    def relocated(name: ImageName, prefix: str) -> ImageName:
        moved = original(name, prefix)
        folder, _, last = moved.path.rpartition("/")
        is_official = name.path.startswith(f"{names.OFFICIAL_PATH}/")
        return replace(moved, path=f"{folder}-{last}") if is_official else moved

    rename(relocated)


@fault
def hashes_the_tag_too() -> None:
    rename(lambda name, prefix: under(prefix, name, md5(str(name).encode()).hexdigest()))


@fault
def drops_the_tag() -> None:
    original = names.relocated
    rename(lambda name, prefix: replace(original(name, prefix), tag=None))


@fault
def drops_the_digest() -> None:
    original = names.relocated
    rename(lambda name, prefix: replace(original(name, prefix), digest=None))


@fault
def leaves_the_hash_out() -> None:
    rename(lambda name, prefix: under(prefix, name, flat(name)[:100].strip("-._")))


@fault
def never_cuts_a_name() -> None:
    def relocated(name: ImageName, prefix: str) -> ImageName:
        return under(prefix, name, f"{flat(name)}-{md5(name.repository.encode()).hexdigest()}")

    rename(relocated)


@fault
def hashes_with_sha256() -> None:
    rename(lambda name, prefix: under(prefix, name, sha256(name.repository.encode()).hexdigest()))


@fault
def names_anew_in_each_run() -> None:
    def relocated(name: ImageName, prefix: str) -> ImageName:
        return under(prefix, name, md5(f"{os.getpid()}{name.repository}".encode()).hexdigest())

    rename(relocated)


@fault
def knows_no_short_hands() -> None:
    def split(text: str) -> tuple[str, str]:
        domain, slash, path = text.partition("/")
        is_domain = slash and re.search(r"[.:]|^localhost$", domain)
        return (domain, path) if is_domain else (names.DEFAULT_DOMAIN, text)

    swap(names, "_split_domain", split)


@fault
def mends_malformed_names() -> None:
    original = names.parse
    swap((names, use_case, layout), "parse", lambda text: original(text.lower()))


@fault
def mends_malformed_prefixes() -> None:
    original = names.parse_prefix
    swap(use_case, "parse_prefix", lambda text: original(text.lower().rstrip("/")))


def rewrite(change: Callable[[dict[str, str]], Mapping[str, Any]]) -> None:
    def write(path: Path, written: Mapping[str, str]) -> None:
        path.write_text(json.dumps(change(dict(written))))

    swap((mapping, use_case), "write_mapping", write)


@fault
def maps_to_objects() -> None:
    rewrite(lambda written: {name: {"image": moved} for name, moved in written.items()})


@fault
def maps_normalised_names() -> None:
    rewrite(lambda written: {str(names.parse(name)): moved for name, moved in written.items()})


@fault
def maps_normalised_names_as_well() -> None:
    rewrite(lambda written: written | {str(names.parse(n)): m for n, m in written.items()})


@fault
def maps_in_any_order() -> None:
    rewrite(lambda written: dict(random.sample(list(written.items()), len(written))))


@fault
def writes_the_mapping_first() -> None:
    def check(path: Path, _: Path) -> None:
        path.write_text("{}")

    swap(use_case, "check_mapping_path", check)


@fault
def forgets_images_of_other_types() -> None:
    original = use_case.mapping_of

    def mapping_of(images: Iterable[BundleImage], prefix: str) -> dict[str, str]:
        return original([image for image in images if image.is_relocated], prefix)

    swap(use_case, "mapping_of", mapping_of)
