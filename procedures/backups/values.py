"""Backups as the console knows them: found, judged, verified."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from procedures.reference.backups import Schedule
from procedures.reference.states import State


class Kind(Enum):
    """What a backup holds, as far as its name or its directory tells."""

    COMPLETE = "complete"
    DATABASE = "database"
    FILES = "files"
    BASE = "base"
    CONFIGURATION = "configuration"
    AUDIT = "audit"
    OTHER = "other"

    @property
    def restores_data(self) -> bool:
        """Whether configurations can be brought back from it."""
        return self not in (Kind.CONFIGURATION, Kind.AUDIT)


class PlaceKind(Enum):
    """Where a backup lies."""

    DIRECTORY = "directory"
    S3 = "s3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """One backup as it was found; nobody has looked into it.

    Attributes:
        path: Below the directory, or below the prefix of the bucket.
        made_at: The earlier of what the name and the file system say: a copy looks younger.
        schedule: None when neither name nor directory tells.
        identity: Changes whenever the content does: time and inode, or the entity tag.
        checksums: File beside it that should hold its checksum; empty when there is none.
        is_folder: Whether it is a folder of files whose checksums are ``checksums``.
    """

    path: str
    place: PlaceKind
    made_at: datetime
    size_bytes: int
    kind: Kind
    schedule: Schedule | None = None
    identity: str = ""
    checksums: str = ""
    is_folder: bool = False

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.path.rpartition("/")[2]

    @property
    def key(self) -> str:
        """What a verification of exactly this content is remembered by."""
        return f"{self.place.value}:{self.path}:{self.size_bytes}:{self.identity}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at; ``passed`` is None where it could not be told."""

    name: str
    passed: bool | None
    said: str


class Outcome(Enum):
    """What a verification came to; incomplete is what nobody could look into."""

    PASSED = "verified"
    FAILED = "damaged"
    INCOMPLETE = "not proven"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was looked at in one backup, and when.

    Attributes:
        proves: Whether what passed shows that the content is whole.
    """

    at: datetime
    checks: tuple[Check, ...]
    proves: bool

    @property
    def outcome(self) -> Outcome:
        """What it comes to."""
        if any(check.passed is False for check in self.checks):
            return Outcome.FAILED
        return Outcome.PASSED if self.proves else Outcome.INCOMPLETE

    @property
    def fault(self) -> str:
        """Why the backup must not be relied on; empty when it may."""
        for wanted in (False, None):
            for check in self.checks:
                if check.passed is wanted and self.outcome is not Outcome.PASSED:
                    return check.said
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleState:
    """How one schedule is kept up.

    Attributes:
        newest: Name of its newest backup; empty when there is none.
        allowed_s: Seconds after which that is late.
        kept: How many there are.
        keep: How many there should be in the long run.
        expected: Whether the settings ask for it; else it is only what was found.
        fault: What is wrong with it.
    """

    schedule: Schedule
    state: State
    allowed_s: float
    kept: int
    keep: int
    newest: str = ""
    newest_at: datetime | None = None
    expected: bool = False
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryPoint:
    """To what moment configurations could be brought back now.

    Attributes:
        at: That moment: when the newest backup was made that is not known to be damaged.
        path: Of that backup.
        verified: Whether it was read through and found whole.
        rpo_s: How far back the moment may lie.
        demanded: Whether the settings ask for that, rather than the recovery plan.
    """

    at: datetime
    path: str
    verified: bool
    rpo_s: float
    demanded: bool = False

    def loss(self, now: datetime) -> timedelta:
        """Return how much would be lost if everything were lost now."""
        return max(timedelta(0), now - self.at)

    def state(self, now: datetime) -> State:
        """Return how bad that is."""
        if self.loss(now).total_seconds() <= self.rpo_s:
            return State.OK
        return State.CRITICAL if self.demanded else State.WARNING


@dataclass(frozen=True, slots=True, kw_only=True)
class LastVerified:
    """The backup that was verified last: which, when, and what came of it."""

    path: str
    at: datetime
    outcome: Outcome
    made_at: datetime
