"""A command whose verb decides, as ``git`` or ``kubectl``."""

from dataclasses import dataclass, field

from procedures.risk.verdicts import Verbs


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A command whose verb decides.

    Attributes:
        with_value: Options before the verb whose value is the next word.
        flags: Options before the verb without a value.
        groups: First words that only group verbs (``docker container ls``).
    """

    verbs: Verbs
    with_value: frozenset[str] = field(default=frozenset())
    flags: frozenset[str] = field(default=frozenset())
    groups: frozenset[str] = field(default=frozenset())
