"""What looks like the service in containers, deployments and units."""

import pytest

from procedures.targets.detection.answers import is_meant
from procedures.targets.detection.likeness import is_text, is_usable, rank
from procedures.targets.detection.stacks import stacks_of
from procedures.targets.detection.unit_files import units_of
from procedures.targets.detection.values import Door, Sureness
from procedures.targets.detection.workloads import deployments_of

Container = dict[str, object]
UNIX = "unix:///var/run/docker.sock"


@pytest.mark.parametrize(
    ("name", "images", "labels", "fit"),
    [
        ("llm-config-manager", (), (), 0),
        ("manager", (), ("llm-config-manager",), 1),
        ("blue-llm-config-manager", (), (), 2),
        ("app", ("registry.example:5000/team/llm-config-manager:1.4",), (), 3),
        ("llm-config", (), (), 4),
        ("app", ("ghcr.io/llm-config/server@sha256:00",), (), 5),
        ("app", ("registry.llm-config.example/nginx",), (), None),
        ("llm-config-postgres", ("postgres:15",), ("llm-config-manager",), None),
        ("llm-config-manager-redis", (), (), None),
        ("app", ("llm-config/postgres:15",), (), None),
        ("llm-config-db", (), (), None),
        ("web", ("nginx",), (), None),
    ],
)
def test_names_labels_and_images_tell_how_sure_it_is(
    name: str, images: tuple[str, ...], labels: tuple[str, ...], fit: int | None
) -> None:
    assert rank(name, images, labels) == fit


def container(
    project: str, service: str, *ports: Container, oneoff: str = "False", **more: object
) -> Container:
    labels = {
        "com.docker.compose.project": project,
        "com.docker.compose.service": service,
        "com.docker.compose.oneoff": oneoff,
        "com.docker.compose.project.working_dir": "/srv/llm",
        "com.docker.compose.project.config_files": "docker-compose.yml,/srv/llm/override.yml",
    }
    usual = {"Names": [f"/{project}-{service}-1"], "Image": service, "Labels": labels}
    return {**usual, "Ports": list(ports), **more}


def port(private: int, public: int, ip: str = "0.0.0.0") -> dict[str, object]:  # noqa: S104
    return {"PrivatePort": private, "PublicPort": public, "IP": ip, "Type": "tcp"}


def test_a_project_is_found_with_all_that_its_commands_need() -> None:
    listed = [container("llm", "llm-config-manager"), container("llm", "redis")]
    found = stacks_of([*listed, container("shop", "web")], UNIX, {"DOCKER_HOST": UNIX})
    (stack,) = found.deployments
    assert (stack.address.project, stack.address.service) == ("llm", "llm-config-manager")
    assert (stack.sureness, stack.is_here, stack.beside) == (Sureness.CERTAIN, True, ("redis",))
    assert stack.facts == {
        "DOCKER_HOST": UNIX,
        "COMPOSE_PROJECT_NAME": "llm",
        "COMPOSE_FILE": "/srv/llm/docker-compose.yml:/srv/llm/override.yml",
        "PROJECT_DIR": "/srv/llm",
        "SERVICE": "llm-config-manager",
    }


def test_the_best_fit_of_a_project_is_the_service() -> None:
    listed = [
        container("llm", "app", Image="llm-config/server"),
        container("llm", "llm-config-manager-2"),
        container("llm", "job", oneoff="True", Image="llm-config-x"),
    ]
    (stack,) = stacks_of(listed, UNIX, {}).deployments
    assert (stack.address.service, stack.sureness) == ("llm-config-manager-2", Sureness.LIKELY)
    assert "job" not in stack.beside


def test_published_ports_are_addresses_of_what_they_lead_to() -> None:
    listed = [
        container(
            "llm",
            "llm-config-manager",
            port(8080, 18080),
            port(8080, 18080, "::"),
            port(9090, 19090, "127.0.0.1"),
            port(9443, 19443),
            {"PrivatePort": 8081, "Type": "tcp"},
        ),
        container("llm", "prometheus", port(9090, 9091, "192.0.2.7")),
        container("llm", "alerts", port(9093, 9093, "::1"), Image="prom/alertmanager:v0.27"),
        container("llm", "postgres-exporter", port(9090, 9187)),
        container("llm", "redis", port(8080, 8081)),
    ]
    found = stacks_of(listed, UNIX, {})
    assert {(each.door, each.url, each.project) for each in found.candidates} == {
        (Door.HEALTH, "http://localhost:18080/health", "llm"),
        (Door.API, "http://localhost:18080", "llm"),
        (Door.METRICS, "http://localhost:19090", "llm"),
        (Door.PROMETHEUS, "http://192.0.2.7:9091", "llm"),
        (Door.ALERTMANAGER, "http://localhost:9093", "llm"),
    }


def test_ports_of_an_engine_elsewhere_are_on_its_machine() -> None:
    listed = [container("llm", "llm-config-manager", port(9090, 19090))]
    found = stacks_of(listed, "tcp://blue:2376", {})
    assert [each.url for each in found.candidates] == ["http://blue:19090"]
    assert not found.deployments[0].is_here


def test_a_container_without_a_project_is_told_and_not_used() -> None:
    loose = {"Names": ["/llm-config-manager"], "Image": "x", "Labels": {}}
    found = stacks_of([loose], UNIX, {})
    assert found.deployments == ()
    assert found.unasked[0].place == "container llm-config-manager"


def test_names_that_no_command_line_may_hold_are_passed_over() -> None:
    assert stacks_of([container("--all", "llm-config-manager")], UNIX, {}).deployments == ()
    assert not any(map(is_usable, ("", "-x", "a b", "a\n", "ä")))
    assert not any(map(is_text, ("", "a\nb", "\ud800", "\x1b[31m")))


def deployment(namespace: str, name: str, **labels: str) -> Container:
    metadata = {"namespace": namespace, "name": name, "labels": labels}
    return {"metadata": metadata, "spec": {}}


def test_each_namespace_has_its_best_deployment() -> None:
    items: list[Container] = [
        deployment("a", "x", **{"app.kubernetes.io/name": "llm-config-manager"}),
        deployment("a", "llm-config-manager"),
        deployment("b", "blue", app="llm-config-manager"),
        deployment("b", "blue", app="llm-config-manager"),
        deployment("c", "green-llm-config-manager"),
        deployment("d", "web"),
        deployment("Odd Name", "llm-config-manager"),
        {"metadata": None},
    ]
    found = deployments_of(items, "prod", kubeconfig=None, is_current=True, note="")
    assert [(each.address.namespace, each.address.service, each.sureness) for each in found] == [
        ("a", "llm-config-manager", Sureness.CERTAIN),
        ("b", "blue", Sureness.CERTAIN),
        ("c", "green-llm-config-manager", Sureness.LIKELY),
    ]
    assert found[1].facts == {"NAMESPACE": "b", "DEPLOYMENT": "blue"}
    assert (found[0].beside, found[0].is_current) == (("x",), True)


def unit(name: str, **properties: str) -> dict[str, str]:
    usual = {"Id": name, "LoadState": "loaded", "ActiveState": "active", "Type": "simple"}
    return {**usual, **properties}


def test_units_are_found_with_what_is_in_use_beside_them() -> None:
    off = {"ActiveState": "inactive", "UnitFileState": "disabled"}
    found = units_of(
        [
            unit("llm-config-manager.service"),
            unit("llm-config-backup.service", Type="oneshot"),
            unit("llm-config-backup.timer"),
            unit("postgresql.service", Type="oneshot", RemainAfterExit="yes"),
            unit("redis-server.service", **off),
            unit("redis.service", LoadState="not-found"),
        ],
        "blue",
    )
    assert found is not None
    assert (found.address.service, found.sureness) == ("llm-config-manager", Sureness.CERTAIN)
    assert found.address.units == ("llm-config*", "postgresql")
    assert found.beside == ("llm-config-backup", "llm-config-backup.timer", "postgresql")


def test_timers_alone_are_likely_and_a_database_alone_is_only_beside() -> None:
    timers = units_of([unit("llm-config-backup.timer")], "blue")
    assert timers is not None
    assert (timers.address.service, timers.sureness, dict(timers.facts)) == (
        "llm-config-backup.timer",
        Sureness.LIKELY,
        {},
    )
    database = units_of([unit("postgresql@15-main.service")], "blue")
    assert database is not None
    assert database.sureness is Sureness.BESIDE
    assert database.address.units == ("postgresql@15-main",)
    assert units_of([], "blue") is None


@pytest.mark.parametrize(
    ("door", "status", "body", "is_published", "meant"),
    [
        (Door.HEALTH, 200, b'{"status": "healthy"}', False, True),
        (Door.HEALTH, 503, b'{"status": "Unhealthy"}', False, True),
        (Door.HEALTH, 200, b"<html>", False, False),
        (Door.HEALTH, 200, b"", True, True),
        (Door.HEALTH, 404, b"", True, False),
        (Door.API, 503, b'{"status": "unhealthy"}', False, False),
        (Door.API, 200, b'{"status": "degraded"}', False, True),
        (Door.METRICS, 200, b"config_operations_total 5\n", False, True),
        (Door.METRICS, 200, b"go_goroutines 5\n", False, False),
        (Door.METRICS, 200, b"go_goroutines 5\n", True, True),
        (Door.METRICS, 401, b"", True, False),
        (Door.PROMETHEUS, 200, b'{"status": "success"}', False, True),
        (Door.PROMETHEUS, 200, b"[]", True, False),
        (Door.ALERTMANAGER, 200, b'{"versionInfo": {}}', False, True),
        (Door.ALERTMANAGER, 200, b"\xff", True, False),
    ],
)
def test_only_what_answers_as_it_should_is_meant(
    door: Door, status: int, body: bytes, is_published: bool, meant: bool
) -> None:
    assert is_meant(door, status, body, is_published=is_published) is meant
