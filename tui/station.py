"""The station of one operator, built the same way for the console and for its command line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from procedures.errors import SourceError
from procedures.execution.checks.build import checks_for
from procedures.execution.policy.policy import Operator, Policy
from procedures.execution.policy.policy_file import load_policy
from procedures.execution.record.station import Checks, Station
from procedures.execution.secrets.values import secret_values
from procedures.signals.secrets import resolve

if TYPE_CHECKING:
    from procedures.clock import Clock
    from procedures.environment import Environment
    from procedures.ledger.address import LedgerAddress
    from procedures.ledger.event import Ledger
    from procedures.ledger.outbox import Outbox
    from procedures.signals.values import Snapshot
    from procedures.targets.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearings:
    """What is known in an environment before anything is recorded.

    Attributes:
        operator: Who acts.
        clock: What tells the time.
        checks: What judges assertions.
        policy: What the team allows.
        secrets: Values to mask wherever they appear.
    """

    operator: Operator
    clock: "Clock"
    checks: Checks
    policy: Policy
    secrets: Sequence[str] = field(default=(), repr=False)


def bearings_in(
    environment: "Environment",
    *,
    operator: Operator,
    clock: "Clock",
    snapshot: "Callable[[], Snapshot]",
    policy: Path | None,
    address: "LedgerAddress | None" = None,
    targets: "Callable[[], Sequence[Target]] | None" = None,
) -> Bearings:
    """Return what is known in ``environment``; blocks.

    Args:
        environment: Where is walked.
        operator: Who walks.
        clock: What tells the time.
        snapshot: Returns what the watch knows at this moment.
        policy: File of what the team allows; None for that of the machine.
        address: Of the team's record, whose password is masked too.
        targets: Returns the environment's targets, whoever closes them; without it the checks have
            their own.

    Raises:
        PolicyError: Nobody knows what may be run.
    """
    return Bearings(
        operator=operator,
        clock=clock,
        checks=checks_for(environment, snapshot=snapshot, clock=clock, targets=targets),
        policy=load_policy(policy),
        secrets=(*secret_values(environment), *_password_of(address)),
    )


def station_in(
    bearings: Bearings, *, ledger: "Ledger", outbox: "Outbox | None", state_dir: Path
) -> Station:
    """Return what every walk needs.

    Args:
        bearings: Who walks, and what is known there.
        ledger: Where it is recorded.
        outbox: Keeps facts while a shared ledger does not answer; None for one of this machine.
        state_dir: Keeps the folders of runs.
    """
    return Station(
        ledger=ledger,
        clock=bearings.clock,
        operator=bearings.operator,
        state_dir=state_dir,
        checks=bearings.checks,
        outbox=outbox,
        policy=bearings.policy,
        secrets=bearings.secrets,
    )


def _password_of(address: "LedgerAddress | None") -> Sequence[str]:
    if address is None or address.password is None:
        return ()
    try:
        return (resolve(address.password),)
    except SourceError:
        return ()  # whoever opens the record reports that
