"""The two stories of the relocation guide, told: what is done in them, and what came of it."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from isolated_registry import Request
from stories import INTERNAL, Acme, Bank, Story, carry

INSTALLATION = "it"
MAPPING = "relmap.json"

S_co = TypeVar("S_co", bound=Story, covariant=True)


@dataclass(frozen=True)
class Actions:
    """What became of the actions at the site.

    Attributes:
        said: what each printed, by its name.
        verified: what `relocator verify` found of the relocation, before the last one.
        installing: what the internal registry was asked for by the first.
    """

    said: Mapping[str, str]
    verified: dict[str, Any]
    installing: list[Request]


@dataclass(frozen=True)
class Told(Generic[S_co]):
    """A story that has been told.

    Attributes:
        story: where it happened.
        mapping: what the relocation wrote.
        actions: what was done at the site.
    """

    story: S_co
    mapping: Mapping[str, str]
    actions: Actions

    @property
    def file(self) -> str:
        """The name of the bundle's file, at the site and elsewhere."""
        return self.story.bundle.filename


@dataclass(frozen=True)
class AcmeTold(Told[Acme]):
    """The first story, and what the outside registry was asked for in it.

    Attributes:
        relocating: until the relocation was done.
        later: after it.
    """

    relocating: list[Request]
    later: list[Request]


def tell_acme(story: Acme) -> AcmeTold:
    """Relocate in the DMZ, and carry bundle and mapping to production."""
    story.dmz.relocator("relocate", *_relocation(story))
    relocating = story.outside.requests()
    carry((story.bundle.filename, MAPPING), story.dmz, story.site)
    mapping, actions = _act(story)
    later = story.outside.requests()[len(relocating) :]
    return AcmeTold(story, mapping, actions, relocating, later)


def tell_bank(story: Bank) -> Told[Bank]:
    """Carry the archive in as text, and relocate it there."""
    stones = base64.encodebytes((story.supplier.folder / story.bundle.filename).read_bytes())
    (story.site.folder / story.bundle.filename).write_bytes(base64.decodebytes(stones))
    story.site.relocator("relocate", *_relocation(story))
    return Told(story, *_act(story))


def _relocation(story: Story) -> tuple[str, ...]:
    prefix = f"{INTERNAL}/team"
    return (story.bundle.filename, "-f", "--repository-prefix", prefix, *_mapped())


def _mapped() -> tuple[str, str]:
    return "--relocation-mapping", MAPPING


def _act(story: Story) -> tuple[Mapping[str, str], Actions]:
    """Install at the site, upgrade, run the bundle's own action, verify and uninstall."""

    def perform(*action: str) -> str:
        return story.site.relocator(*action, INSTALLATION, *bundle)

    bundle = (story.bundle.filename, "-f", *_mapped())
    before = story.internal.requests()
    said = {"install": perform("install")}
    installing = story.internal.requests()[len(before) :]
    said |= {"upgrade": perform("upgrade"), "status": perform("run", "status")}
    verified = json.loads(story.site.relocator("verify", *bundle, "--json"))
    said["uninstall"] = perform("uninstall")
    mapping = json.loads((story.site.folder / MAPPING).read_text())
    return mapping, Actions(said, verified, installing)
