"""Judging what packs and unpacks: tar, gzip and its kin."""

from collections.abc import Iterator

from procedures.risk.verdicts import HARMLESS, Verdict, change, destructive
from procedures.risk.words import Words, has, is_option, operands

_VALUED = "bfgCHIKNTVX"
_HARMLESS = "vzjJZaphPSlkmosnBRiGWCHKNTVXb"
_MODES = "ctxdruA"
_LONG = {
    **{f"--{name}": "t" for name in ("list",)},
    **{f"--{name}": "x" for name in ("extract", "get")},
    **{f"--{name}": "d" for name in ("diff", "compare")},
    "--create": "c",
    "--append": "r",
    "--update": "u",
    "--concatenate": "A",
    "--file": "f",
    "--to-stdout": "O",
    "--use-compress-program": "I",
    "--listed-incremental": "g",
    **dict.fromkeys(("--exclude", "--exclude-from", "--files-from", "--directory"), "X"),
    **dict.fromkeys(("--strip-components", "--owner", "--group", "--mode", "--mtime"), "X"),
    **dict.fromkeys(("--sort", "--format", "--warning", "--newer"), "X"),
    **dict.fromkeys(("--verbose", "--gzip", "--xz", "--bzip2", "--zstd", "--auto-compress"), "v"),
    **dict.fromkeys(("--numeric-owner", "--no-same-owner", "--same-owner", "--totals"), "v"),
    **dict.fromkeys(("--preserve-permissions", "--same-permissions", "--wildcards"), "v"),
    **dict.fromkeys(("--no-same-permissions", "--one-file-system", "--keep-old-files"), "v"),
    **dict.fromkeys(("--xattrs", "--acls", "--selinux", "--sparse", "--anchored"), "v"),
    **dict.fromkeys(("--ignore-failed-read", "--exclude-vcs", "--dereference"), "v"),
}
"""Long options by a short one of the same kind: a mode, one with a value, one of no weight."""

_COMPRESSORS = frozenset({"gzip", "pigz", "bzip2", "pbzip2", "xz", "pixz", "zstd", "lz4", "lzop"})


def judge_tar(words: Words) -> Verdict:
    """Return the verdict on ``tar``: creating to standard output and listing only read."""
    given = list(_tar_options(words))
    letters = {letter for letter, _ in given}
    if letters - set(_HARMLESS + _MODES + "fgIO"):
        return destructive("a tar option that is not known")
    if any(letter == "I" and _program(value) not in _COMPRESSORS for letter, value in given):
        return destructive("runs a program to compress")
    files = [value for letter, value in given if letter == "f"]
    modes = letters & set(_MODES)
    if modes == {"c"}:
        to_stdout = bool(files) and all(file == "-" for file in files) and "g" not in letters
        return HARMLESS if to_stdout else change("writes an archive")
    if modes == {"t"} or modes == {"d"} or (modes == {"x"} and "O" in letters):
        return HARMLESS
    return destructive("may overwrite files")


def _tar_options(words: Words) -> Iterator[tuple[str, str]]:
    """Yield each option as a letter with its value; the first word may be a cluster undashed."""
    texts = iter([word.text for word in words])
    if words and not is_option(words[0]):
        for letter in next(texts):
            yield letter, next(texts, "") if letter in _VALUED else ""
    for text in texts:
        if text == "--":
            return
        if text.startswith("--"):
            name, joined, value = text.partition("=")
            letter = _LONG.get(name, "?")
            yield letter, next(texts, "") if letter in _VALUED and not joined else value
        elif text[:1] == "-":
            yield from _cluster(text[1:], texts)


def _cluster(text: str, following: Iterator[str]) -> Iterator[tuple[str, str]]:
    for position, letter in enumerate(text):
        if letter in _VALUED:
            yield letter, text[position + 1 :] or next(following, "")
            return
        yield letter, ""


def _program(value: str) -> str:
    return value.split(" ", maxsplit=1)[0]


def judge_compressor(words: Words) -> Verdict:
    """Return the verdict on ``gzip`` and its kin: without a file they are filters."""
    shows = has(words, "--stdout", "--to-stdout", "--list", "--test", letters="clt")
    if shows or not operands(words, with_value=frozenset()):
        return HARMLESS
    return change("replaces files by packed or unpacked ones")
