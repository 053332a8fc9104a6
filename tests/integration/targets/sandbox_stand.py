"""The sandbox as a stand: the same adapters work against it as against the real thing."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from procedures.clock import SystemClock
from procedures.environment import Method
from procedures.sandbox.control_client import connect
from procedures.sandbox.launcher import Sandbox, start
from procedures.sandbox.pace import Pace
from procedures.sandbox.state_dir import StateDir
from procedures.targets.build import target_for
from procedures.targets.target import Target
from procedures.targets.values import Kind
from procedures.targets.variables import step_variables

PACE = Pace(stop_s=0.1, start_s=0.2, dependency_start_s=0.1, warm_s=1.0)
PATIENCE_S = 30


class SandboxStand:
    """A deployment that the sandbox poses as, two of its three replicas in use."""

    file = "/etc/llm-config/config.yaml"

    def __init__(self, sandbox: Sandbox, target: Target, kind: Kind) -> None:
        self.target = target
        self.kind = kind
        self.scales = True
        self.rolls_back = kind is Kind.DEPLOYMENT
        self.variables = step_variables(sandbox.environment, {})
        self._sandbox = sandbox
        self._state = StateDir(sandbox.environment.local_dirs[0])

    async def write(self, text: str) -> None:
        """Let the first replica write a line."""
        moment = datetime.now(UTC).isoformat(timespec="milliseconds")
        with (self._state.logs / "llm-config-manager-1.log").open("a") as file:
            file.write(f"{moment.replace('+00:00', 'Z')} {text}\n")

    async def crash(self) -> None:
        """Let a replica die and be started again."""
        await self._sandbox.inject("replica-crash")
        await self._sandbox.cure("replica-crash")

    async def break_off(self) -> None:
        """Let the engine or the API server refuse connections."""
        await asyncio.to_thread(connect(self._state).delete, "/door")

    async def mend(self) -> None:
        """Let it accept them again."""
        await asyncio.to_thread(connect(self._state).post, "/door")


@contextmanager
def sandbox_of(folder: Path, method: Method, *preparing: str) -> Iterator[Sandbox]:
    """Run a sandbox, prepared by a command line of its own tools."""
    sandbox = asyncio.run(start(folder, method=method, pace=PACE))
    try:
        if preparing:
            subprocess.run(
                preparing,
                check=True,
                capture_output=True,
                timeout=PATIENCE_S,
                env=step_variables(sandbox.environment, {}),
            )
        yield sandbox
    finally:
        asyncio.run(sandbox.stop())


@asynccontextmanager
async def standing(sandbox: Sandbox, kind: Kind) -> AsyncIterator[SandboxStand]:
    """Give the sandbox with a new target; a test has its own event loop."""
    environment = sandbox.environment
    target = target_for(environment.targets[0], environment, SystemClock())
    try:
        yield SandboxStand(sandbox, target, kind)
    finally:
        await target.aclose()
