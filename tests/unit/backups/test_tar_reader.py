"""Our reader of archives against the standard library's, and against what is no archive."""

import contextlib
import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.backups.streams import DamagedError
from procedures.backups.tar_reader import BLOCK, LONGEST_HEADER_BYTES, TarReader

FORMATS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
NAMES = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FF, blacklist_characters="/"),
    min_size=1,
    max_size=180,
)
CONTENTS = st.binary(max_size=3 * BLOCK)


def archive(files: dict[str, bytes], form: int = tarfile.GNU_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return out.getvalue()


def read(content: bytes) -> dict[str, bytes]:
    reader = TarReader(io.BytesIO(content))
    return {
        member.name: b"".join(iter(lambda: reader.read(100), b""))
        for member in reader
        if member.is_file
    }


def fault(content: bytes) -> str:
    with pytest.raises(DamagedError) as caught:
        read(content)
    return str(caught.value)


@given(files=st.dictionaries(NAMES, CONTENTS, max_size=5), form=st.sampled_from(FORMATS[1:]))
def test_what_the_standard_library_packs_is_read_back(files: dict[str, bytes], form: int) -> None:
    assert read(archive(files, form)) == files


@given(files=st.dictionaries(st.sampled_from(["a", "b/c", "d" * 90]), CONTENTS, min_size=1))
def test_an_archive_that_is_cut_anywhere_before_its_end_mark_is_damaged(
    files: dict[str, bytes],
) -> None:
    whole = archive(files)
    end = sum(BLOCK + -(-len(each) // BLOCK) * BLOCK for each in files.values())
    assert read(whole[: end + BLOCK]) == files
    for cut in (end, end - 1, end - BLOCK, BLOCK - 1, BLOCK // 2):
        assert fault(whole[:cut])


@given(st.binary(max_size=4 * BLOCK))
def test_no_bytes_end_the_reader_in_any_other_way(content: bytes) -> None:
    with contextlib.suppress(DamagedError):
        read(content)


@given(
    files=st.dictionaries(NAMES, CONTENTS, min_size=1, max_size=3),
    form=st.sampled_from(FORMATS[1:]),
    at=st.integers(0),
    byte=st.integers(0, 255),
)
def test_a_changed_byte_never_ends_the_reader_in_any_other_way(
    files: dict[str, bytes], form: int, at: int, byte: int
) -> None:
    content = bytearray(archive(files, form))
    content[at % len(content)] = byte
    with contextlib.suppress(DamagedError):
        read(bytes(content))


def test_folders_links_and_devices_hold_nothing() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for kind in (tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE,
                     tarfile.CHRTYPE):  # fmt: skip
            member = tarfile.TarInfo(f"x{kind.decode()}")
            member.type, member.linkname = kind, "elsewhere"
            tar.addfile(member)
    members = list(TarReader(io.BytesIO(out.getvalue())))
    assert len(members) == 5
    assert not any(member.is_file or member.size_bytes for member in members)


@pytest.mark.parametrize("name", ["/etc/passwd", "../up", "a/../../b", ".."])
def test_a_name_that_leads_out_is_told(name: str) -> None:
    (member,) = TarReader(io.BytesIO(archive({name: b"x"})))
    assert member.leads_out


@pytest.mark.parametrize("name", ["./a", "a..b", "a/...", "..."])
def test_a_name_that_only_looks_like_it_is_not(name: str) -> None:
    (member,) = TarReader(io.BytesIO(archive({name: b"x"})))
    assert not member.leads_out


def test_a_name_of_any_length_takes_no_memory() -> None:
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, LONGEST_HEADER_BYTES + 1
    assert "longer than any name" in fault(header.tobuf(tarfile.GNU_FORMAT))


def test_a_file_that_claims_exabytes_just_ends_too_early() -> None:
    header = tarfile.TarInfo("huge")
    header.size = 8 * 1024**6
    content = header.tobuf(tarfile.GNU_FORMAT) + b"x" * BLOCK
    assert fault(content) == "it ends in the middle of a file"


def test_what_is_something_else_is_no_archive() -> None:
    assert fault(b"") == "it is empty"
    assert fault(b"not at all") == "it is no tar archive"
    assert fault(b"\x7fELF" + bytes(2000)) == "it is no tar archive"
