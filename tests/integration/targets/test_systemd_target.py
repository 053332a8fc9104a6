"""The systemd adapter against a real systemd with a real journal."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from procedures.clock import SystemClock
from procedures.environment import Method, TargetAddress
from procedures.targets.systemd.target import SystemdTarget
from procedures.targets.values import Kind
from tests.integration.targets.contract import TargetContract
from tests.systemd_box import SystemdBox

pytestmark = pytest.mark.systemd

PATH = os.environ["PATH"]


def target_with(tools: Path, *units: str, service: str = "llm-config-manager") -> SystemdTarget:
    address = TargetAddress(name="here", method=Method.SYSTEMD, service=service, units=units)
    return SystemdTarget(address, variables={"PATH": f"{tools}:{PATH}"}, clock=SystemClock())


class BoxStand:
    """The service in a box."""

    kind = Kind.UNIT
    scales = False
    rolls_back = False
    file = "/etc/os-release"

    def __init__(self, box: SystemdBox) -> None:
        self.box = box
        self.variables: Mapping[str, str] = {"PATH": f"{box.tools}:{PATH}"}
        self.target = target_with(box.tools)

    async def write(self, text: str) -> None:
        await asyncio.to_thread(self.box.command, f"say {text}")

    async def crash(self) -> None:
        await asyncio.to_thread(self.box.command, "exit 7")

    async def break_off(self) -> None:
        self.box.hide_tools()

    async def mend(self) -> None:
        self.box.show_tools()


@pytest.fixture
def stand(systemd_box: SystemdBox) -> BoxStand:
    return BoxStand(systemd_box)


class TestSystemdTarget(TargetContract):
    pass
