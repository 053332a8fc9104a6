"""A policy file is understood wholly or not at all: a typo switches no guard off."""

import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.environment import Tier
from procedures.errors import PolicyError
from procedures.execution.policy import policy_file
from procedures.execution.policy.policy import Policy, Rule
from procedures.execution.policy.policy_file import load_policy, parse_policy
from procedures.reference.levels import Level

HERE = Path("/etc/quarterdeck/policy.toml")


def rejected(source: str) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        parse_policy(source, HERE)
    assert caught.value.what.startswith(str(HERE))
    assert caught.value.fix
    return caught.value


def test_an_empty_file_is_the_policy_that_holds_without_one() -> None:
    policy = parse_policy("", HERE)
    assert policy == Policy(source=str(HERE))
    assert policy.raise_changes_in == (Tier.PRODUCTION,)
    assert Tier.PRODUCTION not in policy.override_in


def test_every_key_is_read() -> None:
    policy = parse_policy(
        """
        raise_changes_in = ["production", "staging"]
        override_in = []
        approval_expires = "90s"

        [[rule]]
        environments = ["prod-*"]
        procedures = ["region-failover", "dr-*"]
        levels = ["destructive"]
        operators = ["ada", "%oncall"]
        second_person = true
        approvers = ["%leads"]
        override = false
        because = "ask the one on call"

        [[rule]]
        read_only = true
        """,
        HERE,
    )
    assert policy == Policy(
        raise_changes_in=(Tier.PRODUCTION, Tier.STAGING),
        override_in=(),
        approval_expires_s=90,
        source=str(HERE),
        rules=(
            Rule(
                environments=("prod-*",),
                procedures=("region-failover", "dr-*"),
                levels=(Level.DESTRUCTIVE,),
                operators=("ada", "%oncall"),
                second_person=True,
                approvers=("%leads",),
                override=False,
                because="ask the one on call",
            ),
            Rule(read_only=True),
        ),
    )


@pytest.mark.parametrize(
    ("source", "nearest"),
    [
        ('raise_change_in = ["staging"]', "raise_changes_in"),
        ('approval_expire = "15m"', "approval_expires"),
        ("rules = []", "rule"),
        ('[[rule]]\nsecond_persons = true\noperators = ["ada"]', "second_person"),
        ("[[rule]]\nreadonly = true\nread_only = true", "read_only"),
        ('raise_changes_in = ["prodution"]', "production"),
        ('override_in = ["stagging"]', "staging"),
        ('[[rule]]\nread_only = true\nlevels = ["destructiv"]', "destructive"),
    ],
)
def test_a_word_that_is_not_known_is_an_error_and_the_nearest_is_named(
    source: str, nearest: str
) -> None:
    assert rejected(source).fix == f"Did you mean '{nearest}'?"


@pytest.mark.parametrize(
    "word", ["", "15", "15 min", "0s", "-5m", "25h", "86401s", "1d", "100000s"]
)
def test_a_duration_is_one_that_an_approval_can_have(word: str) -> None:
    assert "approval_expires: it is no duration" in rejected(f'approval_expires = "{word}"').what


@pytest.mark.parametrize(
    ("word", "seconds"), [("1s", 1), ("15m", 900), ("15 m", 900), ("24h", 86400), ("86400s", 86400)]
)
def test_durations_are_in_seconds_minutes_or_hours(word: str, seconds: float) -> None:
    assert parse_policy(f'approval_expires = "{word}"', HERE).approval_expires_s == seconds


WRONG = ["1", "1.5", "true", '"text"', "[1]", "[[]]", '[""]', "{}", "2026-11-23", '["a", 1]']
"""Values, each of which is wrong for most keys."""


@pytest.mark.parametrize("key", ["raise_changes_in", "override_in", "approval_expires", "rule"])
@pytest.mark.parametrize("value", WRONG)
def test_a_value_of_the_wrong_type_is_an_error(key: str, value: str) -> None:
    assert f"{key}: " in rejected(f"{key} = {value}").what


@pytest.mark.parametrize("key", ["environments", "procedures", "levels", "operators", "approvers"])
@pytest.mark.parametrize("value", [*WRONG, "[]"])
def test_a_list_of_a_rule_is_one_of_texts_and_not_empty(key: str, value: str) -> None:
    source = f"[[rule]]\nread_only = true\nsecond_person = true\n{key} = {value}"
    assert f"rule 1: {key}: " in rejected(source).what


@pytest.mark.parametrize("key", ["read_only", "second_person", "override"])
@pytest.mark.parametrize("value", ["1", "0", '"true"', '"false"', "[]", "[true]", "{}"])
def test_a_flag_is_true_or_false_and_nothing_like_it(key: str, value: str) -> None:
    source = f'[[rule]]\noperators = ["ada"]\n{key} = {value}'
    assert f"rule 1: {key}: it is neither true nor false" in rejected(source).what


def test_a_rule_that_demands_nothing_is_an_error() -> None:
    nothing = '[[rule]]\nenvironments = ["prod-*"]\nbecause = "it is dear to us"'
    assert "rule 1 demands nothing" in rejected(nothing).what
    assert "rule 2 demands nothing" in rejected("[[rule]]\nread_only = true\n[[rule]]").what
    assert "names approvers" in rejected('[[rule]]\nread_only = true\napprovers = ["ada"]').what


@pytest.mark.parametrize("source", ["x", "x = ", "[[rule]", "a = 1\na = 2", "x = " + "[" * 9000])
def test_what_is_no_toml_is_an_error(source: str) -> None:
    assert "is not valid TOML" in rejected(source).what


@given(st.text())
def test_any_text_is_a_policy_or_an_error(source: str) -> None:
    with suppress(PolicyError):
        assert parse_policy(source, HERE).source == str(HERE)


def test_without_a_file_on_the_machine_the_built_in_policy_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy_file, "SYSTEM_WIDE", tmp_path / "policy.toml")
    assert load_policy(None) == Policy()
    (tmp_path / "policy.toml").write_text("[[rule]]\nread_only = true\n")
    assert load_policy(None).rules == (Rule(read_only=True),)
    (tmp_path / "policy.toml").write_text("[[rule]]\nread_only = yes\n")
    with pytest.raises(PolicyError):
        load_policy(None)


def test_a_file_that_the_settings_name_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="does not exist") as caught:
        load_policy(tmp_path / "policy.toml")
    assert caught.value.fix == "Correct `policy` in the settings"


@pytest.mark.parametrize("asked", [True, False])
def test_a_policy_that_cannot_be_read_is_not_taken_for_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    path = tmp_path / "policy.toml"
    monkeypatch.setattr(policy_file, "SYSTEM_WIDE", path)
    named = path if asked else None
    path.mkdir()
    with pytest.raises(PolicyError, match="cannot be read"):
        load_policy(named)
    path.rmdir()
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(PolicyError, match="cannot be read"):
        load_policy(named)
    path.unlink()
    path.symlink_to(path)
    with pytest.raises(PolicyError, match="cannot be read"):
        load_policy(named)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_policy_that_this_operator_may_not_read_stops_them(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("")
    path.chmod(0)
    with pytest.raises(PolicyError, match="cannot be read"):
        load_policy(path)


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ('\napproval_expires = "x"', ":2: approval_expires: "),
        ("\n\nunknown = 1", ":3: 'unknown' "),
        ("[[rule]]\nread_only = true\n\n[[rule]]\nread_only = 1", ":5: rule 2: read_only: "),
        ("[[rule]]\nread_only = true\n\n[[rule]]\n", ":4: rule 2 demands nothing"),
    ],
)
def test_an_error_names_the_line_and_the_rule(source: str, place: str) -> None:
    assert rejected(source).what.startswith(f"{HERE}{place}")


def test_what_the_settings_name_adds_to_the_machine_s_policy_and_cannot_replace_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine, named = tmp_path / "machine.toml", tmp_path / "named.toml"
    monkeypatch.setattr(policy_file, "SYSTEM_WIDE", machine)
    machine.write_text(
        'raise_changes_in = ["production", "staging"]\napproval_expires = "10m"\n'
        "[[rule]]\nsecond_person = true\n"
    )
    named.write_text(
        'raise_changes_in = []\noverride_in = ["sandbox"]\napproval_expires = "1h"\n'
        "[[rule]]\nread_only = true\n"
    )
    both = load_policy(named)
    assert both.raise_changes_in == (Tier.STAGING, Tier.PRODUCTION)
    assert both.override_in == (Tier.SANDBOX,)
    assert both.approval_expires_s == 600
    assert both.rules == (Rule(second_person=True), Rule(read_only=True))
    assert both.source == f"{machine} and {named}"
