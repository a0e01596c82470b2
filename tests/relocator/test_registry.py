"""Which host answers for which domain, and in which scheme."""

import pytest

from relocator.credentials import DockerConfig
from relocator.registry import Registries
from relocator.transport import Transport


@pytest.mark.parametrize(
    ("domain", "origin"),
    [
        ("docker.io", "https://registry-1.docker.io"),
        ("registry.example.com", "https://registry.example.com"),
        ("10.0.0.1:5000", "https://10.0.0.1:5000"),
        ("127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("localhost:5000", "http://localhost:5000"),
        ("[::1]:5000", "http://[::1]:5000"),
    ],
)
def test_a_domain_is_spoken_to_at_its_origin(domain: str, origin: str) -> None:
    registries = Registries(Transport(), DockerConfig({}))

    assert registries.repository(domain, "app").registry.origin == origin


def test_repositories_of_one_domain_share_their_registry() -> None:
    registries = Registries(Transport(), DockerConfig({}))

    one, other = registries.repository("a.io", "one"), registries.repository("a.io", "other")

    assert one.registry is other.registry
