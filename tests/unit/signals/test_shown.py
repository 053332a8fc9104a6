"""What an operator sees of an answer that has become too old to be the present."""

from datetime import UTC, datetime, timedelta

from procedures.backups.values import RecoveryPoint
from procedures.reference.states import State
from procedures.signals.poller import Held
from procedures.signals.shown import shown_backups, shown_disk, shown_health, shown_readings
from procedures.signals.source import Indications
from procedures.signals.values import Backups, Component, Disk, Health, Reading

ANSWERED = datetime(2026, 3, 4, 3, 0, tzinfo=UTC)
IN_TIME, TOO_LATE = ANSWERED + timedelta(seconds=15), ANSWERED + timedelta(seconds=16)
STALE_AFTER = timedelta(seconds=15)

HEALTHY = Health(
    state=State.OK,
    word="healthy",
    components=(Component(name="cache", state=State.OK, word="healthy"),),
)


def test_an_old_health_report_is_told_in_the_past_tense() -> None:
    held = Held(part=HEALTHY, answered_at=ANSWERED, fault="it broke", stale_after=STALE_AFTER)
    assert shown_health(held, IN_TIME) is HEALTHY
    late = shown_health(held, TOO_LATE)
    assert (late.state, late.word) == (State.UNKNOWN, "was healthy")
    assert late.fault == "no fresh data since 03:00:00 UTC: it broke"
    assert [(each.state, each.word) for each in late.components] == [(State.UNKNOWN, "was healthy")]


def test_an_old_reading_keeps_its_value_and_loses_its_state() -> None:
    reading = Reading(indicator="cpu", state=State.OK, value=42.0, at=ANSWERED)
    held = Held(
        part=Indications(readings={"cpu": reading}), answered_at=ANSWERED, stale_after=STALE_AFTER
    )
    assert shown_readings(held, ["cpu"], IN_TIME) == {"cpu": reading}
    late = shown_readings(held, ["cpu"], TOO_LATE)["cpu"]
    assert (late.state, late.value) == (State.UNKNOWN, 42.0)
    assert "still waiting for an answer" in late.fault


def test_old_backups_and_disks_are_unknown_with_the_reason() -> None:
    backups = Held(
        part=Backups(state=State.OK, newest="a.tar.gz"),
        answered_at=ANSWERED,
        stale_after=STALE_AFTER,
    )
    disk = Held(
        part=Disk(state=State.OK, total_bytes=10), answered_at=ANSWERED, stale_after=STALE_AFTER
    )
    assert shown_backups(backups, IN_TIME).state is State.OK
    assert shown_disk(disk, IN_TIME).state is State.OK
    assert shown_backups(backups, TOO_LATE).state is State.UNKNOWN
    assert shown_disk(disk, TOO_LATE).state is State.UNKNOWN
    assert "no fresh data since" in shown_backups(backups, TOO_LATE).fault


def test_what_could_be_brought_back_is_not_known_any_more_once_nobody_looks() -> None:
    recovery = RecoveryPoint(at=ANSWERED, path="a.tar.gz", verified=True, rpo_s=3600)
    part = Backups(
        state=State.OK, newest="a.tar.gz", newest_at=ANSWERED, recovery=recovery, partly=True
    )
    held = Held(part=part, answered_at=ANSWERED, stale_after=STALE_AFTER)
    assert shown_backups(held, IN_TIME).recovery is recovery
    late = shown_backups(held, TOO_LATE)
    assert (late.recovery, late.newest_at, late.partly) == (None, ANSWERED, False)


def test_what_is_not_configured_is_unknown_and_says_so() -> None:
    assert shown_health(None, IN_TIME).fault == "not configured"
    assert shown_readings(None, ["cpu"], IN_TIME)["cpu"].state is State.UNKNOWN
    assert shown_backups(None, IN_TIME).fault == shown_disk(None, IN_TIME).fault == "not configured"
