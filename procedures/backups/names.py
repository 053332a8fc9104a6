"""What the name and the directory of a file tell about the backup that it is."""

import re
from datetime import UTC, datetime

from procedures.backups.values import Kind
from procedures.reference.backups import Schedule

SUFFIXES = (
    *(".tar.gz", ".tgz", ".tar.zst", ".tar"),
    *(".dump", ".dump.gz", ".dump.zst", ".sql", ".sql.gz", ".sql.zst", ".gpg"),
)
"""How the files of the backup procedures end; checksums and manifests beside them do not count."""

KIND_DIRECTORIES = {
    "database": Kind.DATABASE,
    "files": Kind.FILES,
    "base": Kind.BASE,
    "configuration": Kind.CONFIGURATION,
}
SCHEDULE_DIRECTORIES = {schedule.value: schedule for schedule in Schedule}
DIRECTORIES = frozenset({*KIND_DIRECTORIES, *SCHEDULE_DIRECTORIES})
"""Directories in which backups lie; those that procedures work in are none."""

_KINDS = (
    (("audit",), Kind.AUDIT),
    (("config", "configuration", "configmap", "secret", "secrets", "k8s"), Kind.CONFIGURATION),
    (("base", "differential"), Kind.BASE),
    (("database", "db"), Kind.DATABASE),
    (("storage", "files", "volume"), Kind.FILES),
    (("schema",), Kind.OTHER),
)
_STAMP = re.compile(r"(?<!\d)(20\d{6})T(\d{6})Z(?![0-9A-Za-z])", re.ASCII)
_PLAIN_DATE = re.compile(r"backup-20\d", re.ASCII)
_DUMPS = (".dump", ".dump.gz", ".dump.zst", ".sql", ".sql.gz", ".sql.zst")


def is_backup(name: str) -> bool:
    """Tell whether a file of this name is a backup."""
    return name.endswith(SUFFIXES) and not name.startswith(".")


def schedule_of(path: str) -> Schedule | None:
    """Return the schedule that a backup belongs to, by its directory or else by its name."""
    *directories, name = path.split("/")
    for directory in reversed(directories):
        if directory in SCHEDULE_DIRECTORIES:
            return SCHEDULE_DIRECTORIES[directory]
    words = re.split(r"[-_.]", name)
    for word, schedule in SCHEDULE_DIRECTORIES.items():
        if word in words:
            return schedule
    # The guide's own script stamps its nightly backups with nothing but the date.
    return Schedule.DAILY if _PLAIN_DATE.match(name) else None


def kind_of(path: str) -> Kind:
    """Return what a backup holds, by its directory or else by its name."""
    *directories, name = path.split("/")
    for directory in reversed(directories):
        if directory in KIND_DIRECTORIES:
            return KIND_DIRECTORIES[directory]
    words = re.split(r"[-_.]", name)
    for wanted, kind in _KINDS:
        if any(word in words for word in wanted):
            return kind
    if name.removesuffix(".gpg").endswith(_DUMPS):
        return Kind.DATABASE
    return Kind.COMPLETE if "backup" in words else Kind.OTHER


def made_at(path: str, changed_at: datetime) -> datetime:
    """Return when a backup was made: the earlier of the stamp in its name and of ``changed_at``."""
    stamp = _STAMP.search(path.rpartition("/")[2])
    if stamp is None:
        return changed_at
    try:
        named = datetime.strptime(stamp[1] + stamp[2], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return changed_at
    return min(named, changed_at)


def checksums_of(path: str, beside: frozenset[str]) -> str:
    """Return the file that holds the checksum of ``path``; empty when there is none.

    Args:
        path: Of the backup.
        beside: Paths of all that lies in the same place.
    """
    directory, slash, _ = path.rpartition("/")
    candidates = (f"{path}.sha256", f"{path}.sha256sum", f"{directory}{slash}SHA256SUMS")
    return next((each for each in candidates if each in beside), "")
