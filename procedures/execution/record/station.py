"""What one operator at one console brings to every walk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from procedures.clock import Clock
from procedures.execution.policy.policy import Operator, Policy
from procedures.execution.record.consoles import this_console
from procedures.execution.run.run import CheckResult
from procedures.ledger.event import Ledger
from procedures.runbook.assertions import Assertion

if TYPE_CHECKING:
    from procedures.ledger.outbox import Outbox


class Checks(Protocol):
    """Whatever judges assertions: :class:`procedures.execution.checks.checks.CheckRunner`."""

    async def check(
        self,
        assertion: Assertion,
        variables: Mapping[str, str],
        *,
        since: datetime | None = None,
    ) -> CheckResult:
        """Return what comes of ``assertion``."""

    async def aclose(self) -> None:
        """Release what answering took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How patient a walk is, in seconds.

    Attributes:
        settle_s: After a change, how long failing checks are tried again.
        recheck_s: Between two tries.
        look_s: Between two looks at the condition of a soak.
        grace_s: Between the signals that stop a command.
    """

    settle_s: float = 30.0
    recheck_s: float = 2.0
    look_s: float = 1.0
    grace_s: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """An operator at a console.

    Attributes:
        ledger: Where every turn is recorded.
        outbox: Keeps facts while a shared ledger does not answer; None for a ledger of this
            machine.
        clock: What tells the time.
        operator: Who, as the operating system knows them.
        console: Which process; see :mod:`procedures.execution.record.consoles`.
        state_dir: Keeps the folders of commands, under ``runs``.
        checks: What judges assertions.
        policy: What the team allows.
        secrets: Values to mask wherever they appear.
        pace: How patient to be.
    """

    ledger: Ledger
    clock: Clock
    operator: Operator
    state_dir: Path
    checks: Checks
    outbox: "Outbox | None" = None
    console: str = field(default_factory=this_console)
    policy: Policy = field(default_factory=Policy)
    secrets: Sequence[str] = field(default=(), repr=False)
    pace: Pace = field(default_factory=Pace)

    @property
    def runs_dir(self) -> Path:
        """Where each run has its folder."""
        return self.state_dir / "runs"
