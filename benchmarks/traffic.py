"""What each contender says over HTTP, which no other load changes: `python benchmarks/traffic.py`.

A tenth of the content goes through the recording front end of the registries.
"""

import sys
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from contenders import Contender, Reference, Skopeo
from content import MIB, Image
from publishing import publish
from registry_fixtures.containers import ContainerRegistry, EngineMissing, NotReady
from registry_fixtures.local_image import ImageMissing
from registry_fixtures.recording import Recorder
from rounds import REGISTRY, scratch
from scenarios import KEYS, scenario
from tables import table

_COLUMNS: Final = ("", "asked of the source", "asked of the destination", "sent there")


def main() -> None:
    """Print a table for each scenario."""
    contenders: list[Contender] = [Reference(), Skopeo(1), Skopeo(4)]
    try:
        for key in KEYS:
            chosen = scenario(key, quick=True)
            rows = [_row(contender, chosen.images) for contender in contenders]
            print(f"\n### ({key}) {chosen.title}, a tenth of it\n\n{table(_COLUMNS, rows)}")
    except EngineMissing:
        sys.exit("Docker, which runs the registries, does not answer.")
    except (ImageMissing, NotReady) as failure:
        sys.exit(str(failure))
    except KeyboardInterrupt:
        sys.exit("interrupted")


def _row(contender: Contender, content: Sequence[Image]) -> tuple[str, ...]:
    with (
        ContainerRegistry(REGISTRY) as source,
        ContainerRegistry(REGISTRY) as destination,
        scratch() as folder,
    ):
        # Pushed past the front end, pulled through it.
        there, front = urlsplit(source.upstream).netloc, source.host
        published = publish(content, source.upstream)
        images = {name.replace(there, front): image for name, image in published.items()}
        contender.copy(images, f"{destination.host}/relocated", folder)
        sent = sum(exchange.bytes_received for exchange in destination.recorder.exchanges)
        return (
            contender.name,
            _requests(source.recorder, len(content)),
            _requests(destination.recorder, len(content)),
            f"{sent / MIB:.2f} MiB",
        )


def _requests(recorder: Recorder, images: int) -> str:
    number = len(recorder.exchanges)
    return f"{number} requests, {number / images:.1f} an image"


if __name__ == "__main__":
    main()
