"""A walk as JSON objects, one a line."""

import json
from collections.abc import Iterator
from typing import Any

from procedures.clock import Clock
from procedures.errors import ProcedureError
from procedures.execution.run.run import Run
from procedures.execution.unattended.orders import Halted, TurnTaken
from procedures.execution.walking.progress import (
    CheckJudged,
    OutputArrived,
    StepBegan,
    StepEnded,
    WaitTicked,
)
from tui.commands.walk_lines import News, check_plain


class JsonLines:
    """One JSON object a line; `event` says which, and no field of it ever changes its meaning."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._run = ""
        self._step = ""

    def begun(self, run: Run, *, resumed: bool) -> Iterator[str]:
        """Yield the event ``run``."""
        self._run = run.id
        yield self._line(
            "run",
            resumed=resumed,
            procedure=run.procedure_id,
            title=run.title,
            environment=run.environment,
            method=run.method.value,
            operator=run.driver.operator,
            inputs=dict(run.inputs),
        )

    def told(self, told: News) -> Iterator[str]:
        """Yield the events ``began``, ``output``, ``check``, ``wait``, ``turn`` and ``ended``."""
        match told:
            case OutputArrived():
                yield self._line("output", step=self._step, text=told.text)
            case StepBegan(record):
                self._step = record.id
                level = record.level.value if record.level else None
                yield self._line(
                    "began",
                    step=record.id,
                    title=record.title,
                    level=level,
                    attempt=record.attempt,
                )
            case StepEnded(record):
                yield self._line(
                    "ended",
                    step=record.id,
                    status=record.status.value,
                    exit_code=record.exit_code,
                    reason=record.reason,
                )
            case CheckJudged(result):
                yield self._line("check", step=self._step, **check_plain(result))
            case WaitTicked():
                yield self._line(
                    "wait",
                    step=self._step,
                    remaining_s=told.remaining_s,
                    holding=told.holding,
                )
            case TurnTaken():
                yield self._line("turn", step=told.step_id, turn=told.turn, detail=told.detail)

    def halted(self, halted: Halted, run: Run, *, status: int, unshared: int) -> Iterator[str]:
        """Yield the event ``halt``, the last one."""
        self._run = run.id
        yield self._line(
            "halt",
            halt=halted.halt.value,
            outcome=run.outcome.value,
            step=halted.step_id,
            what=halted.what,
            option=halted.option,
            fix=halted.fix,
            exit_status=status,
            unshared=unshared,
        )

    def interrupted(self, run: Run) -> Iterator[str]:
        """Yield the event ``left``, the last one."""
        current = run.current
        going = current is not None and current.command_runs
        step = current.id if current else ""
        yield self._line("left", step=step, command_goes_on=going)

    def failed(self, error: ProcedureError) -> str:
        """Return the event ``error``, the last one: the walk could not begin, or be recorded."""
        return self._line("error", what=error.what, fix=error.fix)

    def _line(self, event: str, **fields: Any) -> str:  # noqa: ANN401 - JSON is what it is
        # Non-ASCII text stays escaped: that keeps terminal escapes and bidi marks harmless.
        at = self._clock.now().isoformat(timespec="milliseconds")
        return json.dumps({"event": event, "at": at, "run": self._run, **fields})
