"""Every verb of kubectl that the catalogue uses works on a real API server as it is written."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from procedures.environment import Method
from procedures.runbook.catalogue import load
from tests.control_plane import ControlPlane
from tests.integration.targets import catalogue_room as rooms
from tests.integration.targets.catalogue_exercises import APART, EXERCISES, IN_THE_SANDBOX
from tests.integration.targets.catalogue_lines import catalogue_lines, fence
from tests.integration.targets.catalogue_readings import logs
from tests.integration.targets.catalogue_room import Room
from tests.integration.targets.kubernetes_stand import SERVICE
from tests.kubelet_api import KubeletApi

pytestmark = pytest.mark.kubernetes

LINES = catalogue_lines()


@pytest.fixture(scope="module")
def room(
    control_plane: ControlPlane, kubelet_api: KubeletApi, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Room]:
    """The service with its three replicas; every test leaves it so."""
    room = rooms.furnished(control_plane, tmp_path_factory.mktemp("room"))
    with control_plane.client() as admin:
        kubelet_api.register(admin)
    yield room
    control_plane.kubectl("delete", "namespace", room.name, "--wait=false")


@pytest.fixture
def empty(control_plane: ControlPlane, tmp_path: Path) -> Iterator[Room]:
    """A namespace with nothing in it."""
    room = Room(control_plane, control_plane.namespace(), tmp_path)
    yield room
    control_plane.kubectl("delete", "namespace", room.name, "--wait=false")


def test_every_verb_of_the_catalogue_is_exercised_or_has_a_reason_not_to_be() -> None:
    assert set(LINES) == {*EXERCISES, *APART, *IN_THE_SANDBOX}


@pytest.mark.parametrize("verb", IN_THE_SANDBOX)
def test_what_this_cluster_cannot_do_is_walked_in_the_sandbox(verb: str) -> None:
    walked = {each.id for each in load().procedures if Method.KUBERNETES in each.methods}
    assert {line.procedure for line in LINES[verb]} <= walked


@pytest.mark.parametrize("verb", EXERCISES)
def test_the_lines_of_a_verb_do_what_they_say(verb: str, room: Room) -> None:
    EXERCISES[verb](room, LINES[verb])


def test_logs_are_those_of_the_pods_and_of_their_lives_before(
    room: Room, kubelet_api: KubeletApi
) -> None:
    logs(room, LINES["logs"], kubelet_api)


def test_secrets_are_created_once_and_never_replaced(empty: Room) -> None:
    (line,) = LINES["create"]
    assert "secret/llm-config-manager-secrets created" in empty.run(line.script)
    before = empty.get("secret", "llm-config-manager-secrets")["data"]
    assert "left as they are" in empty.run(line.script)
    assert empty.get("secret", "llm-config-manager-secrets")["data"] == before


def test_a_replaced_nightly_backup_comes_back_as_it_was(room: Room) -> None:
    before = room.get("cronjob", "llm-config-backup")["spec"]
    room.write(".work/automatic-backups/cronjob.yaml", rooms.cron_job("30 1 * * *"))
    room.run(fence("automatic-backups", "before/cronjob.yaml", "get cronjob"))
    assert room.get("cronjob", "llm-config-backup")["spec"] != before
    room.run(fence("automatic-backups", "before/cronjob.yaml", "delete cronjob"))
    assert room.get("cronjob", "llm-config-backup")["spec"] == before


def test_a_missing_config_map_is_put_back_from_what_a_backup_kept(room: Room) -> None:
    kept = room.folder / "kept.yaml"
    (read,) = (each for each in LINES["get"] if '"$kind" -o yaml' in each.text)
    kept.write_text(room.run(read.text, kind="configmap"))
    aim = ("configmap", f"{SERVICE}-config")
    before = room.get(*aim)["data"]
    room.kubectl("delete", *aim)
    room.run(fence("configuration-file-missing", "--dry-run=server"), copy=str(kept))
    assert room.get(*aim)["data"] == before
