"""Where the two stories of the relocation guide happen: places that see no more than they should.

Acme has a DMZ that sees an outside registry and the internal one, and a production network that
has the internal registry alone. Gringotts Wizarding Bank has a data centre without any connection.

Source: the image relocation guide, "Example Scenarios".
"""

import os
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from isolated_engine import engine_in
from isolated_registry import IsolatedRegistry, address_of, registry_in
from namespaces import Namespace, connect
from registry_fixtures.bundles import Bundle, thick_bundle, thin_bundle
from story_bundles import Software, with_status_action

OUTSIDE = "203.0.113.2:5000"
"""The outside registry, at an address that is for documentation (RFC 5737)."""

DMZ = "203.0.113.1"
"""Where the outside registry sees the DMZ."""

INTERNAL = "10.77.1.2:5000"
"""The internal registry, of whichever story."""

NOWHERE = "registry.goblin.example"
"""Where the bank's software came from, of which nobody in the story knows the address."""

_SECONDS = 60


@dataclass(frozen=True)
class Place:
    """A machine in a story, with a user who is logged in nowhere.

    Attributes:
        namespace: what the machine sees.
        folder: its user's.
        environment: its user's, and no other.
    """

    namespace: Namespace
    folder: Path
    environment: Mapping[str, str]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, whatever that is."""
        with self.namespace.entered():
            return subprocess.run(
                command,
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                check=False,
            )

    def relocator(self, *arguments: str) -> str:
        """Run the reference, and return what it says, once it is certain that it ended well."""
        done = self.run("relocator", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout


@dataclass(frozen=True)
class Story:
    """What both stories have.

    Attributes:
        software: what is installed.
        bundle: by which.
        internal: the registry that it is relocated to.
        site: where it is installed, with an engine, and that registry alone.
    """

    software: Software
    bundle: Bundle
    internal: IsolatedRegistry
    site: Place


@dataclass(frozen=True)
class Acme(Story):
    """The story of the thin bundle, whose images are in the outside registry."""

    outside: IsolatedRegistry
    dmz: Place


@dataclass(frozen=True)
class Bank(Story):
    """The story of the thick bundle, which is at its supplier's, who has no network at all."""

    supplier: Place


@contextmanager
def acme(forge: Software, folder: Path) -> Iterator[Acme]:
    """Set the scene of the first story: `forge.json` is in the DMZ's folder."""
    with ExitStack() as ends:
        world, dmz, production = (ends.enter_context(Namespace()) for _ in range(3))
        connect(world, address_of(OUTSIDE), dmz, DMZ)
        connect(dmz, "10.77.1.1", production, address_of(INTERNAL))
        authority = trustme.CA()
        outside = ends.enter_context(registry_in(world, OUTSIDE, authority, folder / "outside"))
        internal = ends.enter_context(
            registry_in(production, INTERNAL, authority, folder / "internal")
        )
        engine = ends.enter_context(engine_in(production, internal.ca))
        with outside.client() as client:
            images = [
                client.push(node, f"forge/{name}", "1.0") for name, node in forge.images.items()
            ]
        bundle = with_status_action(thin_bundle(*images, filename="forge.json"), "forge")
        site = place(production, folder / "production", internal.ca, engine)
        entrance = place(dmz, folder / "dmz", internal.ca)
        bundle.write(entrance.folder)
        yield Acme(forge, bundle, internal, site, outside, entrance)


@contextmanager
def bank(sort: Software, folder: Path) -> Iterator[Bank]:
    """Set the scene of the second story: `sort.tgz` is in the supplier's folder."""
    with ExitStack() as ends:
        nowhere, centre = (ends.enter_context(Namespace()) for _ in range(2))
        centre.ip(f"address add {address_of(INTERNAL)}/32 dev lo")
        internal = ends.enter_context(
            registry_in(centre, INTERNAL, trustme.CA(), folder / "internal")
        )
        engine = ends.enter_context(engine_in(centre, internal.ca))
        images = [(f"{NOWHERE}/sort/{name}:1.0", node) for name, node in sort.images.items()]
        bundle = with_status_action(thick_bundle(*images, filename="sort.tgz"), "sort")
        site = place(centre, folder / "data-centre", internal.ca, engine)
        supplier = place(nowhere, folder / "supplier", internal.ca)
        bundle.write(supplier.folder)
        yield Bank(sort, bundle, internal, site, supplier)


def carry(names: Sequence[str], start: Place, end: Place) -> None:
    """Carry files from one place to another, as a person does."""
    for name in names:
        shutil.copy(start.folder / name, end.folder)


def place(namespace: Namespace, folder: Path, ca: Path, engine: str | None = None) -> Place:
    """Return a place with an empty folder, whose machine trusts the authority."""
    folder.mkdir()
    environment = {
        "PATH": f"{sysconfig.get_path('scripts')}:{os.environ['PATH']}",
        "HOME": str(folder),
        "SSL_CERT_FILE": str(ca),
    }
    if engine:
        environment["DOCKER_HOST"] = engine
    return Place(namespace, folder, environment)
