"""What is done to a workload is a complete command line, or a reason why not."""

from dataclasses import replace

import pytest

from procedures.targets.actions import Action, Refusal, Verb
from procedures.targets.kubernetes.actions import Known, action_for
from procedures.targets.values import Kind, Workload

KUBECTL = ("kubectl", "--context", "prod", "-n", "llm-config")
SERVICE = Workload(name="app", kind=Kind.DEPLOYMENT, wanted=3, ready=3, revision="4")


def act(
    verb: Verb,
    workload: Workload = SERVICE,
    *,
    known: Known | None = None,
    replicas: int | None = None,
) -> Action:
    done = action_for(
        verb,
        workload,
        kubectl=KUBECTL,
        known=known or Known(revisions=2),
        replicas=replicas,
    )
    assert isinstance(done, Action), done
    return done


def refuse(
    verb: Verb,
    workload: Workload = SERVICE,
    *,
    known: Known | None = None,
    replicas: int | None = None,
) -> Refusal:
    done = action_for(verb, workload, kubectl=KUBECTL, known=known or Known(), replicas=replicas)
    assert isinstance(done, Refusal), done
    assert done.why
    assert done.fix
    return done


def words(argv: tuple[str, ...]) -> str:
    assert argv[: len(KUBECTL)] == KUBECTL, "it must not reach another cluster or namespace"
    return " ".join(argv[len(KUBECTL) :])


def test_a_restart_is_a_rollout_that_can_be_undone() -> None:
    action = act(Verb.RESTART)
    assert [words(each) for each in action.commands] == ["rollout restart deployment/app"]
    assert [words(each) for each in action.look] == ["rollout status deployment/app --timeout=120s"]
    assert [words(each) for each in action.undo] == ["rollout undo deployment/app"]
    assert (action.ready, action.caution) == (3, "")
    assert "3 units of deployment/app" in action.affects


@pytest.mark.parametrize("kind", [Kind.STATEFUL_SET, Kind.DAEMON_SET])
def test_other_controllers_are_restarted_alike(kind: Kind) -> None:
    (command,) = act(Verb.RESTART, replace(SERVICE, kind=kind)).commands
    assert words(command) == f"rollout restart {kind.value}/app"


def test_a_restart_that_ends_all_units_at_once_says_so() -> None:
    assert "outage" in act(Verb.RESTART, known=Known(recreates=True)).caution
    alone = replace(SERVICE, kind=Kind.STATEFUL_SET, wanted=1)
    assert "the only one" in act(Verb.RESTART, alone).caution
    rolling = replace(SERVICE, changing="Waiting for something...")
    assert "a rollout is under way" in act(Verb.RESTART, rolling).caution


def test_scaling_is_undone_by_the_number_before() -> None:
    action = act(Verb.SCALE, replicas=5)
    assert [words(each) for each in action.commands] == ["scale deployment/app --replicas=5"]
    assert [words(each) for each in action.undo] == ["scale deployment/app --replicas=3"]
    assert (action.ready, action.caution) == (5, "")


@pytest.mark.parametrize(
    ("replicas", "caution"),
    [
        (0, "does nothing while there are none"),
        (1, "holds 2 to 5 units and will undo this"),
        (9, "holds 2 to 5 units and will undo this"),
        (4, "holds 2 to 5 units and may change this again"),
    ],
)
def test_an_autoscaler_is_told_before_it_interferes(replicas: int, caution: str) -> None:
    held = replace(SERVICE, least=2, most=5)
    assert caution in act(Verb.SCALE, held, replicas=replicas).caution


def test_fewer_units_than_a_disruption_budget_spares_are_told() -> None:
    spared = replace(SERVICE, spare=1)
    assert "disruption budget spares 1 now" in act(Verb.SCALE, spared, replicas=1).caution
    assert act(Verb.SCALE, spared, replicas=2).caution == ""


def test_to_stop_is_to_scale_to_none_and_to_start_is_to_scale_up_again() -> None:
    stop = act(Verb.STOP)
    assert words(stop.commands[0]) == "scale deployment/app --replicas=0"
    assert words(stop.undo[0]) == "scale deployment/app --replicas=3"
    assert "outage" in stop.caution
    stopped = replace(SERVICE, wanted=0, ready=0)
    assert words(act(Verb.START, stopped, replicas=3).commands[0]).endswith("--replicas=3")
    assert words(act(Verb.START, stopped).commands[0]).endswith("--replicas=1")
    held = replace(stopped, least=2, most=5)
    assert words(act(Verb.START, held).commands[0]).endswith("--replicas=2")


def test_to_roll_back_is_undone_by_the_revision_of_now() -> None:
    action = act(Verb.ROLL_BACK)
    assert [words(each) for each in action.commands] == ["rollout undo deployment/app"]
    assert [words(each) for each in action.undo] == ["rollout undo deployment/app --to-revision=4"]


def test_nothing_is_rolled_back_where_there_is_one_revision_only() -> None:
    assert "no earlier revision" in refuse(Verb.ROLL_BACK, known=Known(revisions=1)).why
    assert words(act(Verb.ROLL_BACK, known=Known()).commands[0]).startswith("rollout undo")


@pytest.mark.parametrize("verb", list(Verb))
def test_a_pod_that_nobody_controls_is_left_alone(verb: Verb) -> None:
    pod = replace(SERVICE, kind=Kind.POD)
    assert "no controller" in refuse(verb, pod, replicas=1).why


@pytest.mark.parametrize("verb", [Verb.SCALE, Verb.STOP, Verb.START])
def test_a_daemon_set_has_no_number_to_change(verb: Verb) -> None:
    daemons = replace(SERVICE, kind=Kind.DAEMON_SET)
    assert "every node" in refuse(verb, daemons, replicas=1).why


@pytest.mark.parametrize("verb", [Verb.RESTART, Verb.ROLL_BACK])
def test_a_paused_rollout_is_not_started_anew(verb: Verb) -> None:
    refusal = refuse(verb, known=Known(paused=True))
    assert "kubectl rollout resume deployment/app" in refusal.fix


@pytest.mark.parametrize("name", ["--all", "a b", "a;b", "$(x)", "", "a\nb", "../b", "a\n"])
@pytest.mark.parametrize("verb", list(Verb))
def test_a_name_that_could_be_taken_for_something_else_is_refused(name: str, verb: Verb) -> None:
    refuse(verb, replace(SERVICE, name=name), replicas=1)


def test_a_number_that_is_none_is_refused() -> None:
    refuse(Verb.SCALE, replicas=None)
    refuse(Verb.SCALE, replicas=-1)


def test_what_is_started_is_not_started_again() -> None:
    units = act(Verb.START, replace(SERVICE, wanted=0), replicas=1)
    assert units.ready == 1
