"""Whether one part of a script needs what an earlier part did to the shell itself."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from procedures.risk.syntax import Call, syntax_of

_MOVING = frozenset(
    {"cd", "pushd", "popd", "source", ".", "alias", "shopt", "trap", "exec", "umask"}
)
_HARMLESS = re.compile(r"-[euxo]+|pipefail|errexit|nounset|xtrace")
_REFERENCE = re.compile(r"[A-Za-z_]\w*")
_READS = re.compile(r"\b(?:read|mapfile|readarray)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What a part does to its shell, and which words it uses.

    Attributes:
        moves: It changes the shell in a way that any later command may need.
        sets: Names of variables and functions that it sets.
        uses: Words that occur in it, those of variables among them.
    """

    moves: bool
    sets: frozenset[str]
    uses: frozenset[str]


def are_apart(scripts: Sequence[str], *, alternatives: bool = False) -> bool:
    """Tell whether each of ``scripts`` is the same command in a shell that ran none before it.

    Args:
        scripts: In their order, placeholders masked.
        alternatives: Where one of them moves to, another need not follow.
    """
    moved = False
    known: set[str] = set()
    for state in map(_state_of, scripts):
        if moved or (known - state.sets) & state.uses:
            return False
        moved = state.moves and not alternatives
        known |= state.sets
    return True


def _moves(call: Call) -> bool:
    """Tell whether ``call`` changes its shell; ``set -eu`` holds for every step anyway."""
    name, *options = [word.text for word in call.words]
    if name == "set":
        return not all(_HARMLESS.fullmatch(option) for option in options)
    return name in _MOVING


def _state_of(script: str) -> _State:
    syntax = syntax_of(script)
    moves = any(_moves(call) for call in syntax.calls if call.words)
    return _State(
        moves=moves or bool(_READS.search(script)),
        sets=frozenset({*syntax.assigned, *syntax.functions}),
        uses=frozenset(_REFERENCE.findall(script)),
    )
