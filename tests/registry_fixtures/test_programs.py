"""Programs that run in images which hold nothing else."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import docker
import pytest

from prerequisites import static_busybox
from registry_fixtures import programs
from registry_fixtures.embedded import EmbeddedRegistry
from registry_fixtures.invocation_images import image_of
from registry_fixtures.local_image import ImageMissing
from registry_fixtures.programs import busybox, is_static


def test_program_that_is_linked_to_libraries_is_not_static() -> None:
    assert not is_static(Path(shutil.which("sh") or sys.executable).resolve().read_bytes())


def test_script_is_not_static() -> None:
    assert not is_static(b"#!/bin/sh\n")


def test_busybox_is_static() -> None:
    assert is_static(static_busybox().read_bytes())


def test_installed_busybox_is_taken() -> None:
    assert busybox() == static_busybox().read_bytes()


def test_without_one_and_an_engine_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")

    with pytest.raises(ImageMissing, match=r"^no statically linked busybox is installed .*, and "):
        busybox()


@pytest.mark.docker
def test_without_one_that_of_a_public_image_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    program = static_busybox().read_bytes()
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with EmbeddedRegistry() as registry:
        image = registry.push(image_of(program, {}, ("/bin/busybox", "sh")), "library/busybox")
        monkeypatch.setattr(programs, "PUBLIC_IMAGE", image.reference)

        try:
            assert busybox() == program
        finally:
            engine = docker.from_env()
            engine.images.remove(image.reference, force=True)
            engine.close()
