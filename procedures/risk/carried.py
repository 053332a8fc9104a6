"""What a command carries, and the plainest of those that carry: a prefix before it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from procedures.risk.tables import ASSIGNED
from procedures.risk.verdicts import HARMLESS, Verdict, destructive
from procedures.risk.words import Words, after_options

UNSEEN = destructive("runs text that is not shown")
DOUBT = destructive("an option that hides which command runs")
ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_]\w*)\+?=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a command carries: words, or shell text, or only a verdict where neither can be had."""

    words: Words = ()
    script: str = ""
    verdict: Verdict = HARMLESS


Carrier = Callable[[Words], Iterator[Carried]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapper:
    """A prefix command: ``skip`` operands stand between its options and the carried command."""

    with_value: frozenset[str] = field(default=frozenset())
    flags: frozenset[str] = field(default=frozenset())
    skip: int = 0
    alone: Verdict = HARMLESS

    def __call__(self, words: Words) -> Iterator[Carried]:
        """Yield the carried command, and what the assignments before it do."""
        rest = after_options(words, with_value=self.with_value, flags=self.flags)
        if rest.doubt:
            yield Carried(verdict=DOUBT)
            return
        command = list(rest.words[self.skip :])
        while command and (assignment := ASSIGNMENT.match(command[0].text)):
            yield Carried(verdict=ASSIGNED.get(assignment["name"], HARMLESS))
            command.pop(0)
        yield Carried(words=command) if command else Carried(verdict=self.alone)
