"""What is known of the targets of an environment at one moment; pure."""

from dataclasses import dataclass
from datetime import datetime

from procedures.targets.changes import Change
from procedures.targets.values import Holdings, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of one target.

    Attributes:
        holdings: Its last answer; None before the first.
        doubt: Why that is not the present; empty while it is.
        fault: What went wrong with the last question, or with its past; empty if nothing did.
    """

    place: Place
    holdings: Holdings | None = None
    doubt: str = "waiting for the first answer"
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployments:
    """All targets at one moment.

    Attributes:
        seen: The one that steps and checks are about first.
        changes: What happened within a day, the newest first.
    """

    at: datetime
    seen: tuple[Seen, ...] = ()
    changes: tuple[Change, ...] = ()
