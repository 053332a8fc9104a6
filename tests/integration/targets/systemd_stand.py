"""The service in a box with a real systemd, as the contract wants it."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TypeVar

from procedures.clock import SystemClock
from procedures.environment import Method, TargetAddress
from procedures.targets.systemd.target import SystemdTarget
from procedures.targets.target import Target
from procedures.targets.values import Kind, Unit, Workload
from tests.systemd_box import SystemdBox

PATH = os.environ["PATH"]
PATIENCE_S = 30.0
AnswerT = TypeVar("AnswerT")


def variables_with(*tools: Path) -> dict[str, str]:
    return {"PATH": os.pathsep.join([*map(str, tools), PATH])}


def target_with(tools: Path, *units: str, service: str = "llm-config-manager") -> SystemdTarget:
    address = TargetAddress(name="here", method=Method.SYSTEMD, service=service, units=units)
    return SystemdTarget(address, variables=variables_with(tools), clock=SystemClock())


async def workload(target: Target, name: str) -> Workload:
    found = (await target.look()).workload(name)
    assert found, name
    return found


async def unit(target: Target, name: str) -> Unit:
    return (await workload(target, name)).units[0]


async def eventually(
    ask: Callable[[], Awaitable[AnswerT]], holds: Callable[[AnswerT], bool]
) -> AnswerT:
    """Ask again and again until the answer is as it should be."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            answer = await ask()
            if holds(answer):
                return answer
            await asyncio.sleep(0.05)


class BoxStand:
    """The service in a box."""

    kind = Kind.UNIT
    scales = False
    rolls_back = False
    file = "/etc/os-release"

    def __init__(self, box: SystemdBox) -> None:
        self.box = box
        self.variables: Mapping[str, str] = variables_with(box.tools)
        self.target: Target = target_with(box.tools)

    async def write(self, text: str) -> None:
        await asyncio.to_thread(self.box.command, f"say {text}")

    async def crash(self) -> None:
        await asyncio.to_thread(self.box.command, "exit 7")

    async def break_off(self) -> None:
        self.box.hide_tools()

    async def mend(self) -> None:
        self.box.show_tools()
