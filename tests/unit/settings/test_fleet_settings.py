"""``[fleet]``: who is watched together, and how one is told from another."""

from pathlib import Path

import pytest

from procedures.environment import Limits, Tier
from procedures.errors import SettingsError
from procedures.fleet.fleet import Fleet
from tui.settings.describe import describe
from tui.settings.document import Settings
from tui.settings.load import load

HEAD = """
default = "production"

[environment.production]
tier = "production"
method = "kubernetes"
prometheus = "http://prometheus:9090"
labels = { environment = "eu" }

[environment.staging]
tier = "staging"
method = "docker"
health = "http://localhost:8080/health"
"""
SERVER = 'prometheus = "https://all.example.org"\n'


def settings(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "settings.toml"
    path.write_text(HEAD + text)
    path.chmod(0o600)
    return load(path)


def fleet(tmp_path: Path, text: str) -> Fleet:
    return settings(tmp_path, text).fleet


def test_without_a_word_all_environments_take_part_by_their_own_sources(tmp_path: Path) -> None:
    found = fleet(tmp_path, "")
    assert list(found.environments) == ["production", "staging"]
    assert found.settings.prometheus is None


def test_every_key_is_read(tmp_path: Path) -> None:
    text = (
        '[fleet]\nby = "cluster"\njob = "llm"\ninterval = "10s"\nwindow = "2m"\n'
        'environments = ["staging"]\ntier = "staging"\nlimits = { cpu_cores = 4 }\n'
        '[fleet.prometheus]\nurl = "https://all.example.org"\nbearer = { env = "TOKEN" }\n'
    )
    found = fleet(tmp_path, text)
    told = found.settings
    assert (told.by, told.job, told.interval_s, told.window_s) == ("cluster", "llm", 10, 120)
    assert list(found.environments) == ["staging"]
    assert (told.tier, told.limits) == (Tier.STAGING, Limits(cpu_cores=4))
    assert told.prometheus is not None
    assert told.prometheus.bearer is not None


def test_an_environment_is_found_by_its_label_its_labels_or_its_name(tmp_path: Path) -> None:
    found = fleet(tmp_path, f"[fleet]\n{SERVER}")
    production, staging = found.environments.values()
    assert (found.label_of(production), found.label_of(staging)) == ("eu", "staging")
    assert (found.told_label_of(production), found.told_label_of(staging)) == ("eu", "")
    third = 'tier = "staging"\nmethod = "docker"\nhealth = "http://x/health"\nfleet_label = "us"\n'
    told = fleet(tmp_path, f"[fleet]\n{SERVER}[environment.third]\n{third}")
    assert told.by_label().keys() == {"eu", "staging", "us"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('by = "a-b"', "is no name of a label"),
        ('interval = "0s"', "is out of range"),
        ('window = "x"', "fleet.window"),
        ('environments = ["prod"]', "'prod' is no environment"),
        ("environments = []", "is empty"),
        ("environments = [1]", "holds what is no name of an environment"),
        ('tier = "sandbox"', "is no tier"),
        ("limits = { cpu_cores = 0 }", "must be more than nothing"),
        ('jobb = "x"', "Did you mean 'job'?"),
        ('[environment.eu]\ntier = "staging"\nmethod = "docker"\nprometheus = "http://x"',
         "is environment=eu for the fleet, as production is"),
        ('[environment.x]\ntier = "staging"\nmethod = "docker"\nlabels = { "a-b" = "c" }\n'
         'prometheus = "http://x"', "is no name of a label"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, wrong: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        fleet(tmp_path, f"[fleet]\n{SERVER}{wrong}\n")
    assert said in str(caught.value)
    assert "settings.toml:" in str(caught.value)


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        fleet(tmp_path, '[fleet]\nby = "cluster"\ninterval = "0s"\nenvironments = ["prod"]\n')
    told = str(caught.value)
    assert "has 3 problems" in told
    assert "says nothing without a server that knows many targets" in told


def test_the_fleet_is_described_without_its_secrets(tmp_path: Path) -> None:
    text = '[fleet]\n[fleet.prometheus]\nurl = "https://all.example.org"\nbearer = "s3cret"\n'
    told = describe(settings(tmp_path, text))
    assert "fleet    environments production staging; targets by environment of job" in told
    assert "labels           environment=eu" in told
    assert "s3cret" not in told
