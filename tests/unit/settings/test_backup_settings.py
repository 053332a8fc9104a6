"""What the settings may say about backups, and what is said when they say something else."""

from pathlib import Path

import pytest

from procedures.backups.settings import BackupSettings, ScheduleLimits
from procedures.environment import Environment
from procedures.errors import SettingsError
from procedures.reference.backups import Schedule
from tui.settings.backup_memory import with_backup_memory
from tui.settings.describe import describe
from tui.settings.document import Settings, parse
from tui.settings.template import TEMPLATE

PATH = Path("/etc/quarterdeck/settings.toml")
HEAD = '[environment.prod]\ntier = "production"\nmethod = "docker"\nhealth = "http://svc:8080/health"\n'
FULL = """\
backup_max_age = "26h"
[environment.prod.backups]
directory = "backups"
s3 = "s3://llm-config-backups/backups/"
s3_profile = "reader"
s3_endpoint = "https://s3.example.org/"
rpo = "1h30m"
minimum_size = "1MiB"
schedules.hourly = "90m"
schedules.daily = { max_age = "25h", keep = 14, minimum_size = "10MiB" }
schedules.weekly = {}
"""


def settings(more: str) -> Settings:
    return parse(HEAD + more, PATH, known={}, exposed="")


def read(more: str) -> Environment:
    return settings(more).environment()


def test_every_key_reaches_the_environment() -> None:
    prod = read(FULL)
    assert (prod.backup_dir, prod.backup_max_age_h) == (PATH.parent / "backups", 26)
    assert prod.has_backups
    assert prod.backups == BackupSettings(
        s3="s3://llm-config-backups/backups",
        s3_profile="reader",
        s3_endpoint="https://s3.example.org",
        rpo_s=5400,
        minimum_bytes=1024**2,
        schedules={
            Schedule.HOURLY: ScheduleLimits(max_age_s=5400),
            Schedule.DAILY: ScheduleLimits(
                max_age_s=25 * 3600, keep=14, minimum_bytes=10 * 1024**2
            ),
            Schedule.WEEKLY: ScheduleLimits(),
        },
    )


def test_the_older_keys_go_on_to_work() -> None:
    prod = read('backup_dir = "/srv/backups"\nbackup_max_age = "2h"\n')
    assert (prod.backup_dir, prod.backup_max_age_h) == (Path("/srv/backups"), 2)
    assert prod.backups == BackupSettings()
    assert not read("").has_backups


def test_a_bucket_alone_is_a_place_of_backups() -> None:
    prod = read('backups = { s3 = "s3://llm-config-backups" }\n')
    assert prod.backup_dir is None
    assert prod.has_backups


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ('backup_dir = "a"\nbackups = { directory = "b" }', "is `backup_dir` once more"),
        ('backups = "s3://bucket"', "must be a table"),
        ('backups = { s3 = "bucket" }', "is no address of a bucket"),
        ('backups = { s3_profile = "reader" }', "needs `s3` beside it"),
        ('backups = { s3 = "s3://bucket", s3_profile = "--debug" }', "no name of a profile"),
        ('backups = { s3 = "s3://bucket", s3_endpoint = "s3.org" }', "is no HTTP address"),
        ('backups = { s3 = "s3://bucket", s3_endpoint = "http://a:b@c" }', "more than an address"),
        ('backups = { rpo = "soon" }', "is no duration"),
        ('backups = { rpo = "1s" }', "is out of range"),
        ('backups = { minimum_size = "big" }', "is no size"),
        ('backups = { schedule = { daily = "1d" } }', "schedules"),
        ('backups = { schedules = { dayly = "1d" } }', "Did you mean 'daily'?"),
        ("backups = { schedules = { daily = 25 } }", "must be a table"),
        ("backups = { schedules = { daily = { keep = 1.5 } } }", "is no number of backups"),
        ("backups = { schedules = { daily = { keep = 0 } } }", "is no number of backups"),
        ('backups = { schedules = { daily = { age = "1d" } } }', "is not a key"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(more: str, problem: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(more)
    assert problem in str(caught.value)


def test_what_holds_is_described() -> None:
    told = describe(settings(FULL))
    for part in (
        "s3://llm-config-backups/backups; profile reader; at https://s3.example.org",
        "hourly: no older than 1.5h",
        "daily: no older than 25h, 14 kept, at least 10485760 bytes",
        "weekly: expected",
        "90m",
    ):
        assert part in told


def test_the_template_shows_keys_that_are_known() -> None:
    lines = TEMPLATE.splitlines()
    first = lines.index(next(line for line in lines if ".backups]" in line))
    shown = [line[2:].replace("local", "prod") for line in lines[first : first + 8]]
    assert read("\n".join(shown)).backups.rpo_s == 3600


def test_each_environment_remembers_by_itself_whatever_its_name(tmp_path: Path) -> None:
    prod = read("")
    memory = with_backup_memory(prod, tmp_path).backups.memory
    assert memory == tmp_path / "backups" / "prod.json"
    odd = Environment(name="../../etc", tier=prod.tier, method=prod.method)
    memory = with_backup_memory(odd, tmp_path).backups.memory
    assert memory is not None
    assert memory.parent == tmp_path / "backups"
