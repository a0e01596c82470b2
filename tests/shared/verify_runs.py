"""What a run of `relocator verify --json`, in this process, says of a destination."""

from dataclasses import dataclass
from typing import Any, Protocol

from reference_runs import Written


@dataclass(frozen=True)
class Verified:
    """What `verify --json` said: its exit status and its document, which fits the schema."""

    status: int
    document: dict[str, Any]

    @property
    def images(self) -> dict[str, dict[str, Any]]:
        return {image["image"]: image for image in self.document["images"]}

    @property
    def verdicts(self) -> dict[str, str]:
        return {name: image["verdict"] for name, image in self.images.items()}

    @property
    def image(self) -> dict[str, Any]:
        """The only one."""
        (image,) = self.images.values()
        return image

    @property
    def faults(self) -> list[tuple[str, str]]:
        """Verdict and subject of each fault of the only image."""
        return [(each["verdict"], each["digest"] or each["what"]) for each in self.image["faults"]]


class Verify(Protocol):
    """Runs `relocator verify` on a bundle and a mapping, by default the one `relocate` wrote."""

    def __call__(
        self, bundle: Written, mapping: dict[str, str] | None = None, *options: str
    ) -> Verified: ...
