"""Every shipped procedure is walked to its end, by every method, against the embedded service.

Each command is run as an operator's step runs it, and each check is held against what happens. A
command that the sandbox's tools do not know fails its step, and the test names it. The procedures
of one method share a service: one that leaves it ill is named, and the service is brought back.
"""

import asyncio
import contextlib
import shutil
import sys
import tarfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest
import pytest_asyncio

from procedures.environment import Method
from procedures.execution.checks import world
from procedures.execution.command import supervision
from procedures.runbook.catalogue import load
from procedures.runbook.model import Procedure
from tests.integration.sandbox.catalogue import Site, Walks, site

pytestmark = [pytest.mark.catalogue, pytest.mark.asyncio(loop_scope="module")]

CATALOGUE = {each.id: each for each in load().procedures}
MANIFESTS = {
    "namespace": "Namespace",
    **dict.fromkeys(("configmap", "service", "pvc"), "ConfigMap"),
    **dict.fromkeys(("secret", "secrets"), "Secret"),
    "rbac": "Role",
    "postgres": "StatefulSet",
    "redis": "StatefulSet",
    "deployment": "Deployment",
    "ingress": "Ingress",
    "hpa": "ConfigMap",
    "pdb": "ConfigMap",
    "networkpolicy": "NetworkPolicy",
}
NEEDED_FIRST = {"point-in-time-recovery": "base-backup"}
"""Procedures whose result others ask for."""


def newest_backup(place: Site) -> str:
    """Return the newest archive of a complete backup."""
    return _newest(place, "backup-*.tar.gz", holding="database.dump")


def base_backup(place: Site) -> str:
    """Return the newest base backup, or what is nearest to one."""
    return _newest(place, "base/base-*.tar.gz") or newest_backup(place)


def _newest(place: Site, pattern: str, *, holding: str = "") -> str:
    assert place.environment.backup_dir is not None
    archives = place.environment.backup_dir.glob(pattern)
    for path in sorted(archives, key=lambda path: path.stat().st_mtime, reverse=True):
        with tarfile.open(path) as archive:
            if not holding or holding in archive.getnames():
                return str(path)
    return ""


def release(place: Site) -> str:
    """Return a release that can be used: an image, or the path of a server."""
    if place.method is Method.SYSTEMD:
        server = place.folder / "llm-config-server"
        server.write_text("#!/bin/sh\necho llm-config-server 1.0.0\n")
        server.chmod(0o755)
        return str(server)
    return "llm-config-manager:1.0.0"


def manifests(place: Site) -> str:
    """Return a directory of manifests."""
    folder = place.folder / "manifests"
    folder.mkdir(exist_ok=True)
    for name, kind in MANIFESTS.items():
        text = f"apiVersion: v1\nkind: {kind}\nmetadata:\n  name: {name}\n"
        image = "spec:\n  image: llm-config-manager:1.0.0\n" if kind == "Deployment" else ""
        (folder / f"{name}.yaml").write_text(text + image)
    return str(folder)


def checkout(place: Site) -> str:
    """Return a checkout of a release whose server is built."""
    folder = place.folder / "checkout"
    server = folder / "target" / "release" / "llm-config-server"
    units = folder / "deployment" / "systemd"
    for each in (server.parent, units, folder / "config"):
        each.mkdir(parents=True, exist_ok=True)
    facts = place.environment.facts
    shutil.copy(facts["BINARY"], server)
    shutil.copy(Path(facts["CONFIG_DIR"]) / "config.yaml", folder / "config" / "production.yaml")
    for unit in Path(facts["UNIT_DIR"]).glob("llm-config-*.*"):
        if unit.is_file():
            shutil.copy(unit, units)
    return str(folder)


INPUTS: Mapping[str, Callable[[Site], str]] = MappingProxyType(
    {
        "backup": newest_backup,
        "namespace": lambda _: "app/llm",
        "target": lambda _: f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S+00}",
        "release": release,
        "manifests": manifests,
        "checkout": checkout,
    }
)
"""Values of inputs for which no document can have a sensible default."""


def inputs_for(procedure: Procedure, place: Site) -> Mapping[str, str]:
    """Return values of the inputs that have no default; KeyError names one that is not known."""
    missing = [name for name, each in procedure.inputs.items() if each.default is None]
    found = {name: INPUTS[name](place) for name in missing}
    return found | ({"backup": base_backup(place)} if "target" in missing else {})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def walks(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Walks]:
    chosen = {
        str(item.callspec.params["procedure_id"])
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.module is request.module
    }
    needed = {NEEDED_FIRST[name] for name in chosen & {*NEEDED_FIRST}}
    order = [name for name in CATALOGUE if name in chosen | needed]
    order.sort(key=lambda name: name not in needed)
    walks = Walks([CATALOGUE[name] for name in order], inputs_for)
    with pytest.MonkeyPatch.context() as patch:
        # Nobody watches here, and a counter of this service moves all the time.
        patch.setattr(supervision, "_LOOK_S", 0.02)
        patch.setattr(world, "_SCRAPE_GAP_S", 0.5)
        async for each in _walking(walks, tmp_path_factory):
            yield each


async def _walking(walks: Walks, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Walks]:
    async with AsyncExitStack() as places:
        sites = [
            await places.enter_async_context(site(tmp_path_factory.mktemp(each.value), each))
            for each in Method
        ]
        walking = [asyncio.create_task(walks.walk_all(each)) for each in sites]
        yield walks
        for task in walking:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


@pytest.mark.parametrize("procedure_id", CATALOGUE)
async def test_a_shipped_procedure_can_be_walked_to_its_end_by_every_method(
    walks: Walks, procedure_id: str, record_property: Callable[[str, object], None]
) -> None:
    procedure = CATALOGUE[procedure_id]
    ends = {method: await walks.end(procedure, method) for method in procedure.methods}
    for method, end in ends.items():
        record_property(f"{method.value}_s", round(end.took_s, 1))
        if end.left_ill:
            sys.stdout.write(f"{procedure_id} on {method.value}: left the service ill\n")
        for title in end.skipped:
            sys.stdout.write(
                f"{procedure_id} on {method.value}: '{title}' skipped, its tool cannot run here\n"
            )
    if faults := [end.fault for end in ends.values() if end.fault]:
        pytest.fail("\n\n".join(faults), pytrace=False)
