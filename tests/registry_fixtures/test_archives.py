import gzip
import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_fixtures.archives import Member, gzipped, tar, write_tar_gz, zstd_frame

LONG_NAME = f"artifacts/layout/blobs/sha512/{'0' * 128}"


def opened(archive: bytes) -> tarfile.TarFile:
    return tarfile.open(fileobj=io.BytesIO(archive))


@given(contents=st.dictionaries(st.from_regex(r"\A[a-z]{1,9}\Z"), st.binary(max_size=2000)))
def test_a_tar_holds_its_members_in_their_order(contents: dict[str, bytes]) -> None:
    archive = tar(Member(name, content) for name, content in contents.items())

    with opened(archive) as read:
        found = [(info.name, read.extractfile(info)) for info in read]
        assert [(n, file.read()) for n, file in found if file] == list(contents.items())


@pytest.mark.parametrize("name", ["../escape", "/etc/passwd", "./bundle.json", LONG_NAME])
def test_a_member_keeps_its_name_verbatim(name: str) -> None:
    with opened(tar([Member(name, b"x")])) as read:
        assert read.getnames() == [name]


def test_a_member_that_links_is_a_symbolic_link() -> None:
    with opened(tar([Member("a", link_to="../b")])) as read:
        assert (read.getmember("a").issym(), read.getmember("a").linkname) == (True, "../b")


def test_a_link_can_be_a_hard_one() -> None:
    with opened(tar([Member("a", link_to="/b", hard=True)])) as read:
        assert (read.getmember("a").islnk(), read.getmember("a").linkname) == (True, "/b")


def test_a_file_can_end_in_white_space() -> None:
    with opened(tar([Member("a", b"{}", blanks=2), Member("b")])) as read:
        file = read.extractfile("a")
        assert file is not None
        assert file.read() == b"{}" + b" " * 2 * 1024 * 1024
        assert read.getnames() == ["a", "b"]


def test_a_squeezed_archive_makes_little_of_white_space() -> None:
    stream = io.BytesIO()

    write_tar_gz(stream, [Member("a", b"{}", blanks=8)], squeeze=True)

    assert len(stream.getvalue()) < 100_000
    assert len(gzip.decompress(stream.getvalue())) > 8 * 1024 * 1024


def test_a_member_whose_name_ends_in_a_slash_is_a_folder() -> None:
    with opened(tar([Member("a/")])) as read:
        assert read.getmember("a").isdir()


def test_a_gzipped_tar_holds_its_members() -> None:
    stream = io.BytesIO()

    write_tar_gz(stream, [Member("a", b"1"), Member("b", b"2")])

    with opened(gzip.decompress(stream.getvalue())) as read:
        assert read.getnames() == ["a", "b"]


def test_a_gzipped_tar_has_no_time_in_it() -> None:
    stream = io.BytesIO()

    write_tar_gz(stream, [])

    assert stream.getvalue()[4:8] == bytes(4)


def test_a_gzip_stream_has_no_time_in_it() -> None:
    assert gzipped(b"content")[4:8] == bytes(4)


@given(content=st.binary(max_size=3000))
def test_a_gzip_stream_unpacks_to_its_content(content: bytes) -> None:
    assert gzip.decompress(gzipped(content)) == content


@pytest.mark.parametrize("size", [0, 1, 128 * 1024, 128 * 1024 + 1, 1_000_000])
def test_a_zstd_frame_unpacks_to_its_content(size: int) -> None:
    zstandard = pytest.importorskip("zstandard")
    content = bytes(n % 251 for n in range(size))

    reader = zstandard.ZstdDecompressor().decompressobj()

    assert (reader.decompress(zstd_frame(content)), reader.eof) == (content, True)
