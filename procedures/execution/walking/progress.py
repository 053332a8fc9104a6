"""What a walk tells while a step is executed."""

from dataclasses import dataclass

from procedures.execution.run.run import CheckResult, StepRecord


@dataclass(frozen=True, slots=True)
class StepBegan:
    """The step is under way, whether it was started now or is followed again."""

    record: StepRecord


@dataclass(frozen=True, slots=True)
class OutputArrived:
    """The command printed ``text``: clean, without secrets, mostly whole lines."""

    text: str


@dataclass(frozen=True, slots=True)
class TerminalPrinted:
    """The command printed on its terminal: escape sequences and all, for an emulator only."""

    data: bytes


@dataclass(frozen=True, slots=True)
class CheckJudged:
    """One check was judged, perhaps not for the last time: what fails is tried again."""

    result: CheckResult


@dataclass(frozen=True, slots=True)
class WaitTicked:
    """The soak goes on; ``remaining_s`` is its whole duration while the condition is broken."""

    remaining_s: float
    holding: bool


@dataclass(frozen=True, slots=True)
class StepEnded:
    """The step took its last turn for now; ``record`` is what the ledger says of it."""

    record: StepRecord


Progress = StepBegan | OutputArrived | TerminalPrinted | CheckJudged | WaitTicked | StepEnded
