"""What was read out of a backup, held against what is written about it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from procedures.backups.values import Check

MANIFESTS = ("SHA256SUMS", "manifest.txt", "manifest.json", "backup_manifest")
"""Files of an archive that say what else is in it."""

LONGEST_MANIFEST_BYTES = 64 * 1024 * 1024
MOST_NAMED = 3
"""Files that a message names before it only counts."""

_SUM = re.compile(r"\\?([0-9a-fA-F]{64})(?:\s+[ *]?(.+))?", re.ASCII)
_FIELD = re.compile(r"([a-z_]+):\s*(\S.*)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One file of an archive, read to its end; ``files`` are those in it, if it is a tar itself."""

    size_bytes: int
    sha256: str
    files: int = 0


@dataclass(slots=True, kw_only=True)
class Contents:
    """What was read; grows while the archive is read.

    Attributes:
        pieces: The files of an archive, by their names without ``./``.
        manifests: Texts that say what is in it.
        out: Names that lead out of where the archive is unpacked to.
        dumps: How many dumps in custom format were read to their ends.
        unread: Why something could not be looked into; empty if all was.
        sha256: Checksum of the whole file.
    """

    pieces: dict[str, Piece] = field(default_factory=dict)
    manifests: dict[str, str] = field(default_factory=dict)
    out: list[str] = field(default_factory=list)
    members: int = 0
    unpacked_bytes: int = 0
    dumps: int = 0
    unread: list[str] = field(default_factory=list)
    sha256: str = ""


def sums_in(text: str) -> Mapping[str, str]:
    """Return the checksums of a file that ``sha256sum`` wrote, by name; a bare one has none."""
    sums = {}
    for line in text.splitlines():
        if match := _SUM.fullmatch(line.strip()):
            sums[(match[2] or "").removeprefix("./")] = match[1].lower()
    return sums


def checksum_check(name: str, sha256: str, text: str, source: str) -> Check:
    """Hold the checksum of a whole file against the one that lies beside it."""
    sums = sums_in(text)
    written = (
        sums.get(name)
        or sums.get("")
        or (next(iter(sums.values()), "") if len(sums) == 1 and source.startswith(name) else "")
    )
    if not written:
        return Check(name="checksum", passed=None, said=f"{source} has no checksum of it")
    if written != sha256:
        return Check(name="checksum", passed=False, said=f"its checksum is not the one of {source}")
    return Check(name="checksum", passed=True, said=f"the one of {source}")


def manifest_checks(contents: Contents) -> Iterator[Check]:
    """Yield what the archive's own manifests come to."""
    if "SHA256SUMS" in contents.manifests:
        yield sums_check(contents, contents.manifests["SHA256SUMS"], "SHA256SUMS")
    if "backup_manifest" in contents.manifests:
        yield _base_check(contents, contents.manifests["backup_manifest"])
    if "manifest.json" in contents.manifests:
        yield _known_sums_check(contents, contents.manifests["manifest.json"])
    if "manifest.txt" in contents.manifests:
        yield from _counts_check(contents, contents.manifests["manifest.txt"])


def sums_check(contents: Contents, text: str, source: str) -> Check:
    """Hold the pieces against the checksums that ``source`` lists."""
    sums = sums_in(text)
    if not sums:
        return Check(name="manifest", passed=False, said=f"{source} lists nothing")
    missing = [name for name in sums if name not in contents.pieces]
    if missing:
        return Check(name="manifest", passed=False, said=f"{_named(missing)} missing in it")
    changed = [name for name, sha in sums.items() if contents.pieces[name].sha256 != sha]
    if changed:
        said = f"{_named(changed)} not what was packed"
        return Check(name="manifest", passed=False, said=said)
    return Check(name="manifest", passed=True, said=f"{len(sums)} files are what {source} says")


def _base_check(contents: Contents, text: str) -> Check:
    """Hold a base backup against PostgreSQL's own manifest, whose checksums are not SHA-256."""
    try:
        listed = {str(each["Path"]): int(each["Size"]) for each in json.loads(text)["Files"]}
    except (ValueError, KeyError, TypeError):
        return Check(name="manifest", passed=False, said="backup_manifest cannot be understood")
    wrong = [
        name
        for name, size in listed.items()
        if (piece := contents.pieces.get(name)) is None or piece.size_bytes != size
    ]
    if wrong:
        said = f"{_named(wrong)} missing in it, or of another size"
        return Check(name="manifest", passed=False, said=said)
    said = f"{len(listed)} files are there as backup_manifest says"
    return Check(name="manifest", passed=True, said=said)


def _known_sums_check(contents: Contents, text: str) -> Check:
    """Look for the checksum of every file anywhere in the manifest, as the procedures do."""
    lowered = text.lower()
    others = {name: each for name, each in contents.pieces.items() if name not in MANIFESTS}
    unknown = [name for name, each in others.items() if each.sha256 not in lowered]
    if unknown:
        return Check(
            name="manifest", passed=False, said=f"{_named(unknown)} unknown to its manifest"
        )
    return Check(name="manifest", passed=True, said=f"{len(others)} files are in manifest.json")


def _counts_check(contents: Contents, text: str) -> Iterator[Check]:
    matches = (_FIELD.match(line) for line in text.splitlines())
    fields = {match[1]: match[2] for match in matches if match}
    files = fields.get("data_files", "")
    piece = contents.pieces.get("files.tar")
    if files.isdecimal() and len(files) < 12 and piece is not None and int(files) != piece.files:
        said = f"files.tar holds {piece.files} files; its manifest says {files}"
        yield Check(name="manifest", passed=False, said=said)
    if fields.get("database_rows", "0").strip() not in ("0", "") and not any(
        name.endswith((".dump", ".sql")) for name in contents.pieces
    ):
        yield Check(
            name="manifest", passed=False, said="its manifest counts rows, but it has no dump"
        )


def _named(names: list[str]) -> str:
    shown = ", ".join(names[:MOST_NAMED])
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{shown}{more} {'is' if len(names) == 1 else 'are'}"
