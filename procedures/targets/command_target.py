"""Deployments asked through their own tools, with the same environment as a procedure's steps."""

import asyncio
import math
import shutil
from collections.abc import Mapping, Sequence
from typing import Protocol

from procedures.environment import Environment, Method
from procedures.errors import SourceError
from procedures.targets.tool import ask
from procedures.targets.variables import step_variables


class ServiceAnswers(Protocol):
    """What checks ask of the service's deployment; every question may raise SourceError."""

    async def ready(self) -> int:
        """Return how many of its instances are ready to serve."""

    async def logs(self, since_s: float) -> Sequence[str]:
        """Return the log lines of the last ``since_s`` seconds, oldest first within an instance."""


class ComposeTarget:
    """The containers of one compose service.

    Source: ``docker-compose`` or, where only that exists, ``docker compose``; ``docker inspect``.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    async def ready(self) -> int:
        """Return how many containers are healthy; each needs a health check in its compose file."""
        listed = await ask(*self._compose(), "ps", "-q", self._service, variables=self._variables)
        states = await asyncio.gather(*map(self._health, listed.split()))
        return states.count("healthy")

    async def logs(self, since_s: float) -> list[str]:
        """Return the service's log lines, each with its container's name before it."""
        text = await ask(
            *self._compose(),
            *("logs", "--no-color", "--since", f"{math.ceil(since_s)}s", self._service),
            variables=self._variables,
        )
        return text.splitlines()

    async def _health(self, container: str) -> str:
        answer = await ask(
            *("docker", "inspect", "--format", "{{.State.Health.Status}}", container),
            variables=self._variables,
        )
        return answer.strip()

    def _compose(self) -> tuple[str, ...]:
        alone = shutil.which("docker-compose", path=self._variables.get("PATH"))
        return ("docker-compose",) if alone else ("docker", "compose")

    @property
    def _service(self) -> str:
        return self._variables["SERVICE"]


class KubernetesTarget:
    """The pods of one deployment. Source: ``kubectl``."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    async def ready(self) -> int:
        """Return the deployment's ready replicas."""
        answer = await self._ask(
            *("get", "deployment", self._deployment, "-o", "jsonpath={.status.readyReplicas}")
        )
        count = answer.strip() or "0"  # the field is absent while no replica is ready
        if not count.isdecimal():
            raise SourceError(
                f"kubectl gave no number of ready replicas but {count[:40]!r}",
                fix=f"Look at `kubectl get deployment {self._deployment}`",
            )
        return int(count)

    async def logs(self, since_s: float) -> list[str]:
        """Return the log lines of all pods of the deployment's ``app`` label."""
        text = await self._ask(
            *("logs", "-l", f"app={self._deployment}"),
            *(f"--since={math.ceil(since_s)}s", "--tail=-1"),
        )
        return text.splitlines()

    async def _ask(self, *arguments: str) -> str:
        namespace = self._variables["NAMESPACE"]
        return await ask("kubectl", "-n", namespace, *arguments, variables=self._variables)

    @property
    def _deployment(self) -> str:
        return self._variables["DEPLOYMENT"]


class SystemdTarget:
    """One unit; it counts as one instance. Source: ``systemctl``, ``journalctl``."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    async def ready(self) -> int:
        """Return 1 while the unit is active, else 0."""
        # systemctl(1): 3 for a unit that is not active, 4 for one that is not known.
        answer = await ask(
            *("systemctl", "is-active", self._unit), variables=self._variables, answers=(0, 3)
        )
        return int(answer.strip() == "active")

    async def logs(self, since_s: float) -> list[str]:
        """Return the unit's journal."""
        text = await ask(
            *("journalctl", "-u", self._unit, "--no-pager"),
            *("--since", f"{math.ceil(since_s)} seconds ago"),
            variables=self._variables,
        )
        return text.splitlines()

    @property
    def _unit(self) -> str:
        return self._variables["UNIT"]


_TARGETS: Mapping[Method, type[ComposeTarget] | type[KubernetesTarget] | type[SystemdTarget]] = {
    Method.DOCKER: ComposeTarget,
    Method.KUBERNETES: KubernetesTarget,
    Method.SYSTEMD: SystemdTarget,
}


def target_for(environment: Environment) -> ServiceAnswers:
    """Return the deployment of ``environment``."""
    return _TARGETS[environment.method](step_variables(environment, {}))
