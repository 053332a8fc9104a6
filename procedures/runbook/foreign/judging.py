"""How dangerous the commands of one document are; what there is no time to read is destructive."""

from dataclasses import dataclass

from procedures.environment import Method
from procedures.reference.levels import Level
from procedures.risk.assessment import assess
from procedures.runbook.foreign.masking import masked
from procedures.runbook.foreign.methods import methods_of
from procedures.runbook.foreign.placeholders import placeholders_of

_MOST = 400_000
_EACH = 100
_PER_CHARACTER = 4
_REASONS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What is known of one command.

    Attributes:
        reasons: What it does, and why that is more than reading; empty if it only reads.
    """

    level: Level
    reasons: str
    methods: tuple[Method, ...]


_NOT_READ = Judgement(
    level=Level.DESTRUCTIVE, reasons="not analysed, for the document is too long", methods=()
)


class Judge:
    """Judges commands, until the work allowed for one document is done."""

    def __init__(self) -> None:
        self._left = _MOST
        self._known: dict[str, Judgement] = {}
        self._allowed: dict[str, bool] = {}

    def allows(self, script: str) -> bool:
        """Tell whether ``script`` may still be analysed; each asks for its share once."""
        if script not in self._allowed:
            work = _EACH + _PER_CHARACTER * len(script)
            self._left -= 3 * work if placeholders_of(script) else work
            self._allowed[script] = self._left >= 0
        return self._allowed[script]

    def judge(self, script: str, *, allowed: bool = True) -> Judgement:
        """Return level, reasons and methods of ``script``, as it will run."""
        if not allowed:
            return _NOT_READ
        if script not in self._known:
            self._known[script] = _judged(script)
        return self._known[script]


def is_known(script: str) -> bool:
    """Tell whether ``script`` consists of commands that are known, and so is no program's output.

    Args:
        script: With its placeholders masked.
    """
    return not any(
        finding.reason == "not known" or finding.level is Level.DESTRUCTIVE
        for finding in assess(script).findings
    )


def _judged(script: str) -> Judgement:
    risk = assess(script)
    reasons = dict.fromkeys(
        f"{finding.reason}: {finding.text}"
        for finding in risk.findings
        if finding.level is risk.level
    )
    told = [*reasons][:_REASONS]
    more = [f"and {len(reasons) - _REASONS} more"] if len(reasons) > _REASONS else []
    return Judgement(
        level=risk.level,
        reasons="; ".join([*told, *more]),
        methods=methods_of(masked(script).text),
    )
