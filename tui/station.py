"""The station of one operator, built the same way for the console and for its command line."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from procedures.execution.build import checks_for
from procedures.execution.policy_file import load_policy
from procedures.execution.secret_values import secret_values
from procedures.execution.station import Station

if TYPE_CHECKING:
    from procedures.clock import Clock
    from procedures.environment import Environment
    from procedures.execution.policy import Operator
    from procedures.ledger.event import Ledger
    from procedures.ledger.outbox import Outbox
    from procedures.signals.values import Snapshot


def station_in(
    environment: "Environment",
    *,
    operator: "Operator",
    ledger: "Ledger",
    clock: "Clock",
    state_dir: Path,
    snapshot: "Callable[[], Snapshot]",
    policy: Path | None = None,
    outbox: "Outbox | None" = None,
) -> Station:
    """Return what every walk in ``environment`` needs; blocks.

    Args:
        environment: Where is walked.
        operator: Who walks.
        ledger: Where it is recorded.
        clock: What tells the time.
        state_dir: Keeps the folders of runs.
        snapshot: Returns what the watch knows at this moment.
        policy: File of what the team allows; None for that of the machine.
        outbox: Keeps facts while a shared ledger does not answer.

    Raises:
        PolicyError: Nobody knows what may be run.
    """
    return Station(
        ledger=ledger,
        clock=clock,
        operator=operator,
        state_dir=state_dir,
        checks=checks_for(environment, snapshot=snapshot, clock=clock),
        outbox=outbox,
        policy=load_policy(policy),
        secrets=secret_values(environment),
    )
