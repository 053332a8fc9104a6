"""Manifests and checksums against what was read."""

import json

import pytest

from procedures.backups.contents import Contents, Piece, checksum_check, manifest_checks, sums_in

ONE, OTHER = "1" * 64, "2" * 64


def contents(**manifests: str) -> Contents:
    named = {name.replace("__", "."): text for name, text in manifests.items()}
    pieces = {
        "database.dump": Piece(size_bytes=10, sha256=ONE),
        "files.tar": Piece(size_bytes=20, sha256=OTHER, files=3),
    }
    return Contents(pieces=pieces, manifests=named)


def verdicts(**manifests: str) -> list[tuple[bool | None, str]]:
    return [(check.passed, check.said) for check in manifest_checks(contents(**manifests))]


def test_every_form_that_the_checksum_programs_write_is_read() -> None:
    text = f"{ONE}  a.tar\n{OTHER} *b.tar\n# nothing\n{ONE.upper()}  ./c d.tar\n"
    assert sums_in(text) == {"a.tar": ONE, "b.tar": OTHER, "c d.tar": ONE}
    assert sums_in(ONE + "\n") == {"": ONE}


def test_files_are_what_their_checksums_say() -> None:
    text = f"{ONE}  database.dump\n{OTHER}  files.tar\n"
    assert verdicts(SHA256SUMS=text) == [(True, "2 files are what SHA256SUMS says")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{OTHER}  database.dump\n", "database.dump is not what was packed"),
        (f"{ONE}  audit.tar\n", "audit.tar is missing in it"),
        ("", "SHA256SUMS lists nothing"),
        ("".join(f"{ONE}  {n}\n" for n in range(5)), "0, 1, 2 and 2 more are missing in it"),
    ],
)
def test_what_differs_or_is_missing_is_named(text: str, said: str) -> None:
    assert verdicts(SHA256SUMS=text) == [(False, said)]


def test_the_counts_of_a_manifest_hold() -> None:
    assert verdicts(manifest__txt="data_files: 3\ndatabase_rows: 7\n") == []
    assert verdicts(manifest__txt="data_files: 4\n") == [
        (False, "files.tar holds 3 files; its manifest says 4")
    ]


def test_rows_without_a_dump_are_missing() -> None:
    without = Contents(manifests={"manifest.txt": "database_rows: 7\n"})
    (check,) = manifest_checks(without)
    assert (check.passed, check.said) == (False, "its manifest counts rows, but it has no dump")


def test_a_base_backup_is_held_against_the_sizes_of_its_own_manifest() -> None:
    def manifest(**sizes: int) -> str:
        return json.dumps({"Files": [{"Path": p, "Size": s} for p, s in sizes.items()]})

    whole = manifest(**{"database.dump": 10, "files.tar": 20})
    assert verdicts(backup_manifest=whole) == [(True, "2 files are there as backup_manifest says")]
    ((passed, said),) = verdicts(backup_manifest=manifest(**{"database.dump": 11}))
    assert (passed, said) == (False, "database.dump is missing in it, or of another size")
    for odd in ("{", "[]", '{"Files": [1]}', '{"Files": [{"Path": "a", "Size": null}]}'):
        assert verdicts(backup_manifest=odd) == [(False, "backup_manifest cannot be understood")]


def test_a_manifest_in_json_knows_every_checksum() -> None:
    assert verdicts(manifest__json=json.dumps([ONE, OTHER.upper()]))[0][0] is True
    assert verdicts(manifest__json=json.dumps([ONE]))[0] == (
        False,
        "files.tar is unknown to its manifest",
    )


@pytest.mark.parametrize(
    ("text", "source", "passed"),
    [
        (f"{ONE}  a.tar\n", "SHA256SUMS", True),
        (f"{ONE}\n", "a.tar.sha256", True),
        (f"{ONE}  /somewhere/else.partial\n", "a.tar.sha256", True),
        (f"{OTHER}  a.tar\n", "SHA256SUMS", False),
        (f"{ONE}  b.tar\n", "SHA256SUMS", None),
        ("nothing\n", "a.tar.sha256", None),
    ],
)
def test_the_checksum_beside_a_backup_is_its_own(
    text: str, source: str, passed: bool | None
) -> None:
    assert checksum_check("a.tar", ONE, text, source).passed is passed
