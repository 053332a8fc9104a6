"""Every shipped procedure is walked to its end, by every method, against the embedded service.

Each command is run as an operator's step runs it, and each check is held against what happens. A
command that the sandbox's tools do not know fails its step, and the test names it. The procedures
of one method share a service: one that leaves it ill is named, and the service is brought back.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from types import MappingProxyType

import pytest
import pytest_asyncio

from procedures.environment import Method
from procedures.runbook.catalogue import load
from procedures.runbook.model import Procedure
from tests.integration.sandbox.catalogue import Site, Walks, site

pytestmark = pytest.mark.asyncio(loop_scope="module")

CATALOGUE = {each.id: each for each in load().procedures}
NEEDED_FIRST = "complete-backup"
"""The procedure whose result others ask for."""


def newest_backup(place: Site) -> str:
    """Return the newest archive of the backup directory."""
    assert place.environment.backup_dir is not None
    archives = place.environment.backup_dir.glob("*.tar*")
    return str(max(archives, key=lambda path: path.stat().st_mtime))


INPUTS: Mapping[str, Callable[[Site], str]] = MappingProxyType(
    {
        "backup": newest_backup,
        "namespace": lambda _: "app/llm",
    }
)
"""Values of inputs for which no document can have a sensible default."""


def inputs_for(procedure: Procedure, place: Site) -> Mapping[str, str]:
    """Return values of the inputs that have no default; KeyError names one that is not known."""
    missing = [name for name, each in procedure.inputs.items() if each.default is None]
    return {name: INPUTS[name](place) for name in missing}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def walks(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Walks]:
    chosen = {
        item.callspec.params["procedure_id"]
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.module is request.module
    }
    order = sorted(chosen, key=lambda name: name != NEEDED_FIRST)
    walks = Walks([CATALOGUE[name] for name in order], inputs_for)
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


@pytest.mark.parametrize("procedure_id", sorted(CATALOGUE, key=lambda name: name != NEEDED_FIRST))
async def test_a_shipped_procedure_can_be_walked_to_its_end_by_every_method(
    walks: Walks, procedure_id: str, record_property: Callable[[str, object], None]
) -> None:
    procedure = CATALOGUE[procedure_id]
    ends = {method: await walks.end(procedure, method) for method in procedure.methods}
    for method, end in ends.items():
        record_property(f"{method.value}_s", round(end.took_s, 1))
        for title in end.skipped:
            print(f"{procedure_id} on {method.value}: '{title}' skipped, its tool cannot run here")
    if faults := [end.fault for end in ends.values() if end.fault]:
        pytest.fail("\n\n".join(faults), pytrace=False)
