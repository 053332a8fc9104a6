"""Which environments come of what was found."""

from dataclasses import replace

import pytest

from procedures.environment import Endpoint, Environment, Method, Tier
from procedures.targets.detection.proposals import proposals_of
from procedures.targets.detection.values import Deployment, Door, Found, Sureness, Unasked
from tests.unit.targets.detection.places import HOST, STACK, answer, cluster, directory, stack


def environments(*deployments: Deployment, **found: object) -> list[Environment]:
    everything = Found(machine="blue", deployments=deployments, **found)  # type: ignore[arg-type]
    return [each.environment for each in proposals_of(everything)]


def methods(environment: Environment) -> list[Method]:
    return [each.method for each in environment.targets]


def test_nothing_makes_no_environment() -> None:
    assert environments() == []


def test_a_project_and_the_units_of_its_machine_are_two_targets_of_one_environment() -> None:
    (found,) = environments(STACK, HOST)
    assert (found.name, found.method) == ("llm-config", Method.DOCKER)
    assert methods(found) == [Method.DOCKER, Method.SYSTEMD]
    assert found.facts == {"COMPOSE_PROJECT_NAME": "llm-config"}


def test_the_method_is_that_of_the_surer_target() -> None:
    (found,) = environments(replace(STACK, sureness=Sureness.LIKELY), HOST)
    assert found.method is Method.SYSTEMD
    assert methods(found) == [Method.SYSTEMD, Method.DOCKER]


def test_units_stay_alone_where_several_projects_could_have_them() -> None:
    found = environments(STACK, stack("llm-config-2"), HOST)
    assert [each.name for each in found] == ["llm-config", "llm-config-2", "blue"]
    assert [len(each.targets) for each in found] == [1, 1, 1]


def beside(*units: str) -> Deployment:
    address = replace(HOST.address, service=units[0], units=units)
    return replace(HOST, address=address, sureness=Sureness.BESIDE)


def test_a_database_of_the_machine_joins_the_project_that_has_none_itself() -> None:
    (found,) = environments(replace(STACK, beside=("redis",)), beside("postgresql", "redis-server"))
    assert methods(found) == [Method.DOCKER, Method.SYSTEMD]
    assert (found.targets[1].service, found.targets[1].units) == ("postgresql", ("postgresql",))
    (found,) = environments(STACK, beside("postgresql"))
    assert methods(found) == [Method.DOCKER]


def test_containers_of_a_database_join_the_units_of_the_service() -> None:
    (found,) = environments(replace(STACK, sureness=Sureness.BESIDE), HOST)
    assert (found.name, found.method) == ("llm-config", Method.SYSTEMD)
    assert methods(found) == [Method.SYSTEMD, Method.DOCKER]


def test_what_only_stands_beside_a_service_makes_no_environment() -> None:
    assert environments(beside("postgresql")) == []
    assert environments(replace(STACK, sureness=Sureness.BESIDE)) == []


def test_each_namespace_of_each_context_is_one_the_current_context_first() -> None:
    found = environments(
        cluster("a"), cluster("b", "blue"), cluster("b", "green"), cluster("c", is_current=True)
    )
    assert [each.name for each in found] == ["c", "a", "b-blue", "b-green"]
    assert found[2].targets[0].namespace == "blue"


def test_what_runs_on_this_machine_comes_before_clusters() -> None:
    found = environments(cluster("a", is_current=True), HOST)
    assert [each.name for each in found] == ["blue", "a"]


def test_a_project_of_another_machine_takes_no_units_of_this_one() -> None:
    found = environments(stack(is_here=False, place="engine tcp://green:2376"), HOST)
    assert [methods(each) for each in found] == [[Method.SYSTEMD], [Method.DOCKER]]


def test_names_are_safe_and_unique() -> None:
    arn = "arn:aws:eks:eu-west-1:1:cluster/main"
    found = environments(cluster("main"), cluster(arn), cluster("ops@x/main"), cluster("“”"))
    assert sorted(each.name for each in found) == ["cluster", "main", "main-2", "main-3"]


def test_published_addresses_belong_to_their_project_and_the_usual_ones_to_the_machine() -> None:
    answering = (
        answer(Door.HEALTH, "http://localhost:18080/health", "two"),
        answer(Door.METRICS, "http://localhost:19090", "two"),
        answer(Door.METRICS, "http://localhost:19091", "two"),
        answer(Door.HEALTH, "http://localhost:8080/health"),
        answer(Door.PROMETHEUS, "http://localhost:9091"),
        answer(Door.METRICS, "http://localhost:9090"),
    )
    places = (directory("backup_dir", "/var/lib/llm-config/backups"),)
    one, two, machine = environments(
        stack("one"), stack("two"), HOST, answering=answering, directories=places
    )
    assert (one.health, one.prometheus, one.backup_dir) == (None, None, None)
    assert two.health == Endpoint(url="http://localhost:18080/health")
    assert [each.url for each in two.metrics] == [
        "http://localhost:19090",
        "http://localhost:19091",
    ]
    assert two.prometheus is None
    assert machine.health == Endpoint(url="http://localhost:8080/health")
    assert machine.prometheus == Endpoint(url="http://localhost:9091")
    assert machine.backup_dir == places[0].path


def test_the_usual_addresses_go_to_the_only_environment_of_the_machine() -> None:
    answering = (
        answer(Door.METRICS, "http://localhost:19090", "llm-config"),
        answer(Door.METRICS, "http://localhost:9090"),
        answer(Door.ALERTMANAGER, "http://localhost:9093"),
    )
    (found,) = environments(STACK, answering=answering)
    assert [each.url for each in found.metrics] == ["http://localhost:19090"]
    assert found.alertmanager == Endpoint(url="http://localhost:9093")


def test_an_address_that_another_project_publishes_is_not_the_machines() -> None:
    answering = (
        answer(Door.HEALTH, "http://localhost:8080/health", "one"),
        answer(Door.HEALTH, "http://localhost:8080/health"),
    )
    *_, machine = environments(stack("one"), stack("two"), HOST, answering=answering)
    assert machine.health is None


def test_addresses_alone_make_an_environment() -> None:
    answering = (answer(Door.API, "http://localhost:8080"),)
    (found,) = environments(answering=answering)
    assert (found.name, found.method, found.targets) == ("blue", Method.SYSTEMD, ())
    (found,) = environments(
        answering=answering, unasked=(Unasked(place="systemd", why="not here"),)
    )
    assert found.method is Method.DOCKER


@pytest.mark.parametrize(
    ("context", "namespace", "tier", "word"),
    [
        ("prod", "llm-config", Tier.PRODUCTION, "prod"),
        ("eu-production-1", "x", Tier.PRODUCTION, "production"),
        ("live_eu", "x", Tier.PRODUCTION, "live"),
        ("staging", "x", Tier.STAGING, "staging"),
        ("eu1stag", "x", Tier.STAGING, "stag"),
        ("blue", "llm-stag", Tier.STAGING, "stag"),
        ("minikube", "x", Tier.DEVELOPMENT, "minikube"),
        ("kind-ada", "x", Tier.DEVELOPMENT, "kind"),
        ("docker-desktop", "x", Tier.DEVELOPMENT, "docker-desktop"),
        ("dev2", "x", Tier.DEVELOPMENT, "dev"),
        ("test-prod", "x", Tier.PRODUCTION, "prod"),
        ("dev", "staging", Tier.STAGING, "staging"),
        ("devices", "latest", Tier.PRODUCTION, ""),
        ("blue", "llm-config", Tier.PRODUCTION, ""),
    ],
)
def test_a_tier_is_guessed_from_words_and_is_production_without_any(
    context: str, namespace: str, tier: Tier, word: str
) -> None:
    (found,) = proposals_of(Found(deployments=(cluster(context, namespace),)))
    assert (found.environment.tier, found.tier_word) == (tier, word)
