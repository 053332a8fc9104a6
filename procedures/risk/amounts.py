"""Judging how many are left: replicas, and what a patch makes of an object."""

import re

from procedures.risk.verdicts import HARMLESS, Verdict, destructive
from procedures.risk.words import HOLE, Word, Words, has, operands, values

_NONE_LEFT = destructive("may take all replicas away")
_PATCH_ZERO = re.compile(
    r"\breplicas\W{0,6}[:=]\s{0,4}['\"]?(?:0(?![\d.])|\0)"
    r"|/replicas\W[^{}]{0,40}\bvalue\W{0,6}(?:0(?![\d.])|\0)"
    r"|\bvalue\W{0,6}(?:0(?![\d.])|\0)[^{}]{0,40}/replicas\W",
    re.IGNORECASE,
)
_PATCH_REMOVES = re.compile(
    r"\bop\W{1,6}remove\b|finalizers\W{0,6}(?:null|\[\s{0,9}\])|\$patch\W{1,6}(?:delete|replace)"
)
_SET_ZERO = re.compile(r"(?:^|[.,])replica(?:s|Count)=(?:0(?=,|$)|\0)")


def judge_amount(tool: str, verb: str, words: Words) -> Verdict:
    """Return the verdict on what ``verb`` leaves over; HARMLESS if it is not about amounts."""
    match verb:
        case "scale" | "create" | "up" | "run" | "autoscale" | "update":
            return _judge_scale(words, by_pairs=verb == "scale" and tool not in ("kubectl", "oc"))
        case "patch":
            return _judge_patch(words)
        case "install" | "upgrade" if tool == "helm":
            given = values(words, "--set")
            return _NONE_LEFT if any(_SET_ZERO.search(word.text) for word in given) else HARMLESS
    return HARMLESS


def _judge_scale(words: Words, *, by_pairs: bool) -> Verdict:
    """Return the verdict on the number of replicas, ``--replicas=N`` or ``SERVICE=N``."""
    if has(words, "--remove-orphans", "--renew-anon-volumes", letters="V"):
        return destructive("removes containers or volumes")
    numbers = [number.text for number in values(words, "--replicas")]
    pairs = [*values(words, "--scale")]
    if by_pairs:
        pairs += operands(words, with_value=frozenset())
    numbers += [pair.text.partition("=")[2] for pair in pairs if _is_pair(pair)]
    if any(not number.isdecimal() or int(number) == 0 for number in numbers):
        return _NONE_LEFT
    return HARMLESS


def _is_pair(word: Word) -> bool:
    return "=" in word.text or word.text == HOLE


def _judge_patch(words: Words) -> Verdict:
    for word in words:
        if _PATCH_ZERO.search(word.text):
            return _NONE_LEFT
        if _PATCH_REMOVES.search(word.text):
            return destructive("removes what an object holds")
    return HARMLESS
