"""What the settings say about the backups of an environment, beside the directory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from procedures.reference.backups import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleLimits:
    """What holds for one schedule instead of the shipped figures; None keeps those.

    Attributes:
        max_age_s: Seconds after which its newest backup is late.
        keep: How many backups of it are kept.
        minimum_bytes: What is smaller is no backup.
    """

    max_age_s: float | None = None
    keep: int | None = None
    minimum_bytes: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSettings:
    """Where backups lie besides the directory, and what is expected of them.

    Attributes:
        s3: ``s3://bucket/prefix``; empty when none are kept there.
        s3_profile: Profile of the ``aws`` command line; empty for its own choice.
        s3_endpoint: Address of another server that speaks S3; empty for that of AWS.
        schedules: Those that must be kept up; without any, those of which backups are found.
        rpo_s: Seconds of loss that are accepted; None for the figure of the recovery plan.
        minimum_bytes: What is smaller is no backup, whatever its schedule.
        memory: File in which verifications are remembered; None remembers nothing.
        dump_reader: Command that reads a dump in custom format from its standard input to the end,
            and fails if it is damaged.
    """

    s3: str = ""
    s3_profile: str = ""
    s3_endpoint: str = ""
    schedules: Mapping[Schedule, ScheduleLimits] = field(
        default_factory=lambda: MappingProxyType({})
    )
    rpo_s: float | None = None
    minimum_bytes: float = 1.0
    memory: Path | None = None
    dump_reader: tuple[str, ...] = ("pg_restore", "--file=/dev/null")
