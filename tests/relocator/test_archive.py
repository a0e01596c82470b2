"""Archives read at any place: what comes out is what was put in, or a refusal."""

import gzip
import io
import random
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relocator import archive as archive_module
from relocator.archive import Archive
from relocator.errors import Refusal

Files = dict[str, bytes]


def tar_of(files: Files) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture
def pack(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        path = tmp_path / "archive.tgz"
        path.write_bytes(content)
        return path

    return write


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    sizes=st.lists(st.integers(0, 60_000), min_size=1, max_size=8),
    seed=st.integers(),
    level=st.sampled_from([0, 1]),
)
def test_every_file_can_be_read_in_any_order(
    sizes: list[int],
    seed: int,
    level: int,
    pack: Callable[[bytes], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(archive_module, "_APART", 20_000)
    chance = random.Random(seed)
    files = {f"file-{number}": chance.randbytes(size) for number, size in enumerate(sizes)}
    archive = Archive(pack(gzip.compress(tar_of(files), level)))

    names = chance.sample(list(files), len(files))
    assert {name: b"".join(archive.stream(name)) for name in names} == files


def test_two_files_can_be_read_at_once(pack: Callable[[bytes], Path]) -> None:
    files = {name: random.Random(name).randbytes(3_000_000) for name in "ab"}
    archive = Archive(pack(gzip.compress(tar_of(files), 1)))

    pairs = list(zip(archive.stream("a"), archive.stream("b"), strict=True))

    assert {"a": b"".join(a for a, _ in pairs), "b": b"".join(b for _, b in pairs)} == files


def test_an_archive_may_be_several_gzip_streams(pack: Callable[[bytes], Path]) -> None:
    files = {"a": b"a" * 5000, "b": b"b" * 5000}
    tar = tar_of(files)
    archive = Archive(
        pack(b"".join(gzip.compress(tar[at : at + 700]) for at in range(0, 20480, 700)))
    )

    assert archive.read("b", 5000) == files["b"]


def test_a_leading_dot_does_not_count(pack: Callable[[bytes], Path]) -> None:
    assert "a/b" in Archive(pack(gzip.compress(tar_of({"./a/b": b""}))))


def test_links_are_not_followed(pack: Callable[[bytes], Path]) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        link = tarfile.TarInfo("bundle.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)

    assert "bundle.json" not in Archive(pack(gzip.compress(buffer.getvalue())))


@pytest.mark.parametrize("keep", [2, 15, 300, -1000])
def test_an_archive_cut_short_is_refused(keep: int, pack: Callable[[bytes], Path]) -> None:
    whole = gzip.compress(tar_of({"a": random.Random(1).randbytes(50_000)}))

    with pytest.raises(Refusal, match="is not a whole gzipped tar"):
        Archive(pack(whole[:keep]))


def test_a_gzip_stream_that_is_no_tar_is_refused(pack: Callable[[bytes], Path]) -> None:
    with pytest.raises(Refusal, match="is not a whole gzipped tar"):
        Archive(pack(gzip.compress(b"text" * 1000)))


def test_a_file_that_is_there_twice_is_refused(pack: Callable[[bytes], Path]) -> None:
    with pytest.raises(Refusal, match=r"holds bundle\.json twice"):
        Archive(pack(gzip.compress(tar_of({"bundle.json": b"1", "./bundle.json": b"2"}))))


def test_a_file_that_is_not_there_is_refused(pack: Callable[[bytes], Path]) -> None:
    with pytest.raises(Refusal, match="does not hold b"):
        Archive(pack(gzip.compress(tar_of({"a": b""})))).read("b", 10)


def test_a_file_larger_than_expected_is_not_read(pack: Callable[[bytes], Path]) -> None:
    with pytest.raises(Refusal, match="larger than 9 bytes"):
        Archive(pack(gzip.compress(tar_of({"a": b"0123456789"})))).read("a", 9)
