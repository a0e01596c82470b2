import pytest

from registry_fixtures.names import ImageName, normalised

DIGEST = f"sha256:{'0' * 64}"


@pytest.mark.parametrize(
    ("reference", "full"),
    [
        ("ubuntu", "docker.io/library/ubuntu"),
        ("ubuntu:18.10", "docker.io/library/ubuntu:18.10"),
        ("library/ubuntu", "docker.io/library/ubuntu"),
        ("docker.io/ubuntu", "docker.io/library/ubuntu"),
        ("index.docker.io/ubuntu", "docker.io/library/ubuntu"),
        ("projectriff/builder:v1", "docker.io/projectriff/builder:v1"),
        ("one.component", "docker.io/library/one.component"),
        ("a/b/c", "docker.io/a/b/c"),
        ("localhost/a", "localhost/a"),
        ("localhost:5000/a:v1", "localhost:5000/a:v1"),
        ("host:5000/a", "host:5000/a"),
        ("[::1]:5000/a", "[::1]:5000/a"),
        ("gcr.io/a", "gcr.io/a"),
        (f"ubuntu@{DIGEST}", f"docker.io/library/ubuntu@{DIGEST}"),
        (f"127.0.0.1:80/a:v1@{DIGEST}", f"127.0.0.1:80/a:v1@{DIGEST}"),
    ],
)
def test_a_reference_stands_for_its_full_name(reference: str, full: str) -> None:
    assert str(normalised(reference)) == full


def test_a_full_name_stands_for_itself() -> None:
    full = normalised("ubuntu:18.10")

    assert normalised(str(full)) == full


def test_a_name_divides_into_its_parts() -> None:
    name = normalised(f"host:80/a/b:v1@{DIGEST}")

    assert name == ImageName("host:80", "a/b", "v1", DIGEST)
