"""The ``[environment.NAME.backups]`` table: where backups lie, and what is expected of them."""

from pathlib import Path
from urllib.parse import urlsplit

from procedures.backups.s3 import bucket_and_prefix
from procedures.backups.settings import BackupSettings, ScheduleLimits
from procedures.errors import SettingsError
from procedures.reference.backups import Schedule
from procedures.runbook.problems import nearest
from tui.settings.endpoints import EndpointReader
from tui.settings.table import Table
from tui.settings.units import seconds, size_bytes

AGE_RANGE_S = (60.0, 366 * 86400.0)
MOST_KEPT = 10_000


def read_backup_dir(table: Table, *, endpoints: EndpointReader) -> Path | None:
    """Return the directory of the backups, which has two names; giving both is refused."""
    short = endpoints.path(table, "backup_dir")
    within = table.table("backups")
    long = endpoints.path(within, "directory")
    if short and long:
        within.refuse("directory", "is `backup_dir` once more", fix="Keep one of the two")
    return short or long


def read_backups(table: Table) -> BackupSettings:
    """Return what a ``backups`` table says; the rest is in ``table.problems``."""
    table.take("directory")  # read as the environment's own backup_dir
    default = BackupSettings()
    settings = BackupSettings(
        s3=table.parsed("s3", _bucket, default.s3),
        s3_profile=table.parsed("s3_profile", _word, default.s3_profile),
        s3_endpoint=table.parsed("s3_endpoint", _endpoint, default.s3_endpoint),
        schedules=_schedules(table.table("schedules")),
        rpo_s=table.parsed("rpo", _age, default.rpo_s),
        minimum_bytes=table.parsed("minimum_size", size_bytes, default.minimum_bytes),
    )
    table.close()
    for key in ("s3_profile", "s3_endpoint"):
        if key in table and "s3" not in table:
            table.refuse(key, "needs `s3` beside it", fix='Add s3 = "s3://bucket/prefix"')
    return settings


def _schedules(table: Table) -> dict[Schedule, ScheduleLimits]:
    words = {schedule.value: schedule for schedule in Schedule}
    limits = {}
    for word in table:
        if word in words:
            limits[words[word]] = _limits(word, table)
        else:
            table.take(word)
            table.refuse(word, "is no schedule", fix=nearest(word, words))
    return limits


def _limits(word: str, parent: Table) -> ScheduleLimits:
    if isinstance(parent.take(word), str):
        return ScheduleLimits(max_age_s=parent.parsed(word, _age, None))
    table = parent.table(word)
    kept = table.number("keep", None)
    if kept is not None and not (kept.is_integer() and 1 <= kept <= MOST_KEPT):
        table.refuse("keep", "is no number of backups", fix=f"Write a number from 1 to {MOST_KEPT}")
        kept = None
    limits = ScheduleLimits(
        max_age_s=table.parsed("max_age", _age, None),
        keep=None if kept is None else int(kept),
        minimum_bytes=table.parsed("minimum_size", size_bytes, None),
    )
    table.close()
    return limits


def _age(written: str) -> float:
    age_s = seconds(written)
    least, most = AGE_RANGE_S
    if not least <= age_s <= most:
        raise SettingsError(f"{written!r} is out of range", fix='Stay between "1m" and "366d"')
    return age_s


def _bucket(written: str) -> str:
    if bucket_and_prefix(written) is None:
        raise SettingsError(
            f"{written!r} is no address of a bucket", fix='Write it like "s3://bucket/prefix"'
        )
    return written.rstrip("/")


def _word(written: str) -> str:
    if written.startswith("-") or not written.isprintable():
        raise SettingsError(
            f"{written!r} is no name of a profile", fix="Write it as in ~/.aws/config"
        )
    return written


def _endpoint(written: str) -> str:
    # Not repeated when it is wrong: it may hold what was to be kept.
    fix = 'Write an address such as "https://s3.example.org"'
    try:
        parts = urlsplit(written)
    except ValueError as error:
        raise SettingsError("is no address", fix=fix) from error
    if parts.scheme not in ("http", "https") or not parts.hostname or not written.isprintable():
        raise SettingsError("is no HTTP address", fix=fix)
    if parts.username is not None or parts.query or parts.fragment:
        raise SettingsError(
            "carries more than an address", fix="Let aws find its credentials: name a profile"
        )
    return written.rstrip("/")
