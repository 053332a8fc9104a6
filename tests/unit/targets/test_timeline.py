"""What changed recently, from all who can tell, the newest first."""

from datetime import timedelta

from procedures.environment import Method
from procedures.execution.run.run import Run, RunOutcome
from procedures.reference.states import State
from procedures.signals.values import Alert, AlertPhase, Alerts, Backups
from procedures.targets.changes import Change, ChangeKind
from procedures.targets.timeline import alert_changes, backup_changes, run_changes, timeline
from tests.scripted_target import NOW


def test_all_sources_stand_on_one_line_of_time() -> None:
    rollout = Change(
        at=NOW - timedelta(minutes=2), kind=ChangeKind.ROLLOUT, subject="app", text="revision 8"
    )
    alerts = Alerts(
        items=(
            Alert(
                name="HighLatency", severity="critical", phase=AlertPhase.FIRING,
                since=NOW - timedelta(minutes=1), summary="P95 over 200 ms", source="prometheus",
            ),
            Alert(name="NoTime", severity="info", phase=AlertPhase.PENDING, since=None),
        )
    )  # fmt: skip
    backups = Backups(state=State.OK, newest="b.tar.gz", newest_at=NOW - timedelta(hours=3))
    run = Run(
        id="r", procedure_id="cache-flush", title="", digest="", environment="prod",
        method=Method.DOCKER, operator="ada", started_at=NOW - timedelta(minutes=5),
        ended_at=NOW, outcome=RunOutcome.ABORTED,
    )  # fmt: skip
    told = timeline([rollout], alert_changes(alerts), backup_changes(backups), run_changes([run]))
    assert [(each.kind, each.subject, each.state) for each in told] == [
        (ChangeKind.RUN, "cache-flush", State.WARNING),
        (ChangeKind.ALERT, "HighLatency", State.CRITICAL),
        (ChangeKind.ROLLOUT, "app", State.OK),
        (ChangeKind.RUN, "cache-flush", State.OK),
        (ChangeKind.BACKUP, "b.tar.gz", State.OK),
    ]
    assert told[1].text == "firing: P95 over 200 ms"


def test_nothing_is_made_up() -> None:
    assert timeline(alert_changes(Alerts()), backup_changes(Backups(state=State.CRITICAL))) == ()
