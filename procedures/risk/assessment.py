"""How dangerous a shell text is, found by parsing it, with the reasons.

A command that is not known is a change; what cannot be read is destructive. Quoted expansions
count as operands; an unquoted one may hide options, and is held against the command.
"""

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace

from procedures.reference.levels import Level, highest
from procedures.risk.carried import ASSIGNMENT
from procedures.risk.carriers import CARRIERS
from procedures.risk.given import HANDS_ON, SHELLS, judge_given, reads_given
from procedures.risk.options import JUDGES
from procedures.risk.outputs import judge_file_output
from procedures.risk.setting import judge_setting
from procedures.risk.syntax import Redirect, syntax_of
from procedures.risk.tables import ASSIGNED, SIMPLE
from procedures.risk.tools import judge_tool
from procedures.risk.verbs import TOOLS
from procedures.risk.verdicts import HARMLESS, Verdict, change, destructive, worse
from procedures.risk.words import Word, Words, base_name, command_name

_DEEPEST = 12
_SHOWN_CHARACTERS = 120
_LEAST_EFFORT = 30_000
_MOST_UNFOLDED = 12
"""Characters and words read of a text for each of its own."""

_TOO_DEEP = destructive("nested too deeply to be read")
_NOT_KNOWN = change("not known")
_MAY_HIDE = change("an unquoted expansion may hide options")
_RUNNING_VERBS = frozenset({"run", "debug", "create"})
_CARRIED_NAMES = (
    frozenset({"sudo", "doas", "env", "xargs", "bash", "sh", "dash", "ksh", "zsh", "ssh", "eval"})
    | {"rm", "rmdir", "unlink", "shred", "truncate", "dd", "mv", "tee", "chmod", "chown", "curl"}
    | {"kill", "pkill", "killall", "reboot", "shutdown", "poweroff", "halt", "iptables"}
    | {"kubectl", "docker", "docker-compose", "systemctl", "redis-cli", "psql", "dropdb", "find"}
)
"""Names that hardly occur as an argument unless they are to be run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Why a text is more than a read: the command concerned, and the reason in a few words."""

    level: Level
    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """The level of a whole text; ``findings`` is empty exactly when it only reads."""

    level: Level
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Effort:
    """What may still be spent on one text; some unfold without end when they are read."""

    left: int

    def spend(self, amount: int) -> bool:
        """Tell whether ``amount`` characters or words more may be read."""
        self.left -= amount
        return self.left >= 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    """Where a command stands: how deep, after which definitions, reading what."""

    effort: _Effort
    depth: int = 0
    functions: Set[str] = frozenset()
    given: str | None = None

    def deeper(self, given: str | None = None) -> "_Scope":
        """Return the scope of what a command carries."""
        return replace(self, depth=self.depth + 1, functions=frozenset(), given=given)


def assess(script: str) -> Risk:
    """Return how dangerous ``script`` is; any text at all can be given."""
    scope = _Scope(effort=_Effort(_LEAST_EFFORT + _MOST_UNFOLDED * len(script)))
    findings = tuple(dict.fromkeys(_findings(script, scope)))
    return Risk(level=highest(*(finding.level for finding in findings)), findings=findings)


def _findings(script: str, scope: _Scope) -> Iterator[Finding]:
    if scope.depth > _DEEPEST or not scope.effort.spend(len(script)):
        yield from _found(script, _TOO_DEEP)
        return
    syntax = syntax_of(script)
    for text, reason in syntax.unreadable:
        yield from _found(text, destructive(reason))
    is_alone = len(syntax.calls) == 1 and not syntax.redirects
    for call in syntax.calls:
        given = scope.given if is_alone and call.given is None else call.given
        if call.words:
            here = replace(scope, functions=syntax.functions, given=given)
            yield from _judge(call.words, call.text, here)
    for redirect in syntax.redirects:
        yield from _found(redirect.text, _judge_redirect(redirect))
    for name in syntax.assigned:
        yield from _found(name, ASSIGNED.get(name, HARMLESS))


def _found(text: str, verdict: Verdict) -> Iterator[Finding]:
    if verdict.level is not Level.READ:
        shown = " ".join(text.split())
        shown = shown if len(shown) <= _SHOWN_CHARACTERS else f"{shown[:_SHOWN_CHARACTERS]}…"
        yield Finding(level=verdict.level, text=shown, reason=verdict.reason)


def _judge(words: Words, text: str, scope: _Scope) -> Iterator[Finding]:
    """Yield what is to be said of one command, and of those that it carries."""
    if scope.depth > _DEEPEST or not scope.effort.spend(len(words)):
        yield from _found(text, _TOO_DEEP)
        return
    start = next((at for at, word in enumerate(words) if not _is_assignment(word)), 0)
    for word in words[:start]:
        yield from _found(text, ASSIGNED.get(word.text.partition("=")[0].rstrip("+"), HARMLESS))
    first, arguments = words[start], words[start + 1 :]
    name = _family(command_name(first))
    if _is_hidden_name(first):
        yield from _found(text, destructive("a command that is not shown"))
    elif scope.given is not None and reads_given(name, arguments):
        yield from _judge_given(name, text, scope.given, scope)
    else:
        yield from _judge_named(name, words[start:], text, scope)


def _is_assignment(word: Word) -> bool:
    return ASSIGNMENT.match(word.text) is not None


def _judge_named(name: str, words: Words, text: str, scope: _Scope) -> Iterator[Finding]:
    arguments = words[1:]
    carrier = CARRIERS.get(name)
    for carried in carrier(arguments) if carrier else ():
        deeper = scope.deeper(given=scope.given if name in HANDS_ON else None)
        yield from _found(text, carried.verdict)
        if carried.words:
            yield from _judge(carried.words, text, deeper)
        if carried.script:
            yield from _findings(carried.script, deeper)
    verdict = _judge_by_name(name, arguments)
    if verdict is None and carrier is None:
        yield from _hidden(words, text, scope)
        verdict = HARMLESS if name in scope.functions else _NOT_KNOWN
    elif name in TOOLS and any(word.text in _RUNNING_VERBS for word in arguments):
        yield from _hidden(arguments, text, scope)
    for setting in judge_setting(name, arguments):
        yield from _found(text, setting)
    yield from _found(text, verdict or HARMLESS)


def _judge_given(name: str, text: str, given: str, scope: _Scope) -> Iterator[Finding]:
    """Yield what is to be said of a client or shell that is fed by the script itself."""
    if name in SHELLS:
        yield from _findings(given, scope.deeper())
    else:
        yield from _found(text, judge_given(given))


def _is_hidden_name(word: Word) -> bool:
    if word.text in ("[", "[["):
        return False
    return word.loose or not word.fixed or any(mark in word.text for mark in "*?[")


def _family(name: str) -> str:
    """Return the name without a version or variant: ``python3.11``, ``mkfs.ext4``."""
    variant = re.fullmatch(r"(python3?|perl|ruby|php|node|mkfs)[\d.].*", name)
    return variant[1] if variant else name


def _judge_by_name(name: str, arguments: Words) -> Verdict | None:
    if name in TOOLS:
        return judge_tool(name, arguments)
    if judge := JUDGES.get(name):
        verdict = judge(arguments)
        is_hiding = any(word.loose for word in arguments)
        return worse(verdict, _MAY_HIDE) if is_hiding else verdict
    return SIMPLE.get(name)


def _hidden(words: Words, text: str, scope: _Scope) -> Iterator[Finding]:
    """Yield the destructive commands among the words of a command that is not known.

    It may well be a wrapper that the tables lack.
    """
    for position, word in enumerate(words):
        found: Iterable[Finding] = ()
        if base_name(word) in _CARRIED_NAMES:
            inner = [Word(text=base_name(word)), *words[position + 1 :]]
            found = _judge(inner, text, scope.deeper())
        elif " " in word.text and word.fixed and not syntax_of(word.text).unreadable:
            found = _findings(word.text, scope.deeper())
        yield from (finding for finding in found if finding.level is Level.DESTRUCTIVE)


def _judge_redirect(redirect: Redirect) -> Verdict:
    if redirect.operator in ("<", "<&", ">&-", "<&-"):
        return HARMLESS
    if redirect.operator == ">&" and (
        redirect.target.text.isdecimal() or redirect.target.text == "-"
    ):
        return HARMLESS
    verdict = judge_file_output(redirect.target)
    is_kept = redirect.operator in (">>", "&>>") and verdict is not HARMLESS
    return change("appends to a file") if is_kept else verdict
