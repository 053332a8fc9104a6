"""A deployment in a real control plane, for the tests of the target."""

import asyncio
import json
import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import yaml

from procedures.clock import SystemClock
from procedures.environment import Method, TargetAddress
from procedures.targets.changes import Change, ChangeKind
from procedures.targets.kubernetes.target import KubernetesTarget
from procedures.targets.target import Target
from procedures.targets.values import Kind, Unit
from tests.control_plane import ControlPlane
from tests.kubelet_api import KubeletApi
from tests.played_pods import OUT_OF_MEMORY

SERVICE = "llm-config-manager"
IMAGE = "registry.example/llm-config-manager:1.4.2"


def variables_of(kubeconfig: Path) -> dict[str, str]:
    """Return the environment of commands that use a kubeconfig."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(kubeconfig.parent),
        "KUBECONFIG": str(kubeconfig),
    }


def target_at(
    plane: ControlPlane,
    room: str,
    *,
    user: str = "admin",
    time_limit_s: float = 10.0,
    page: int = 500,
    selector: str = "",
    service: str = SERVICE,
) -> KubernetesTarget:
    """Return the target that a namespace is."""
    return KubernetesTarget(
        TargetAddress(
            name="cluster",
            method=Method.KUBERNETES,
            service=service,
            namespace=room,
            selector=selector,
        ),
        variables=variables_of(plane.kubeconfig(user)),
        clock=SystemClock(),
        time_limit_s=time_limit_s,
        page=page,
    )


def deployment(
    name: str = SERVICE, *, replicas: int = 2, image: str = IMAGE, **spec: object
) -> dict[str, object]:
    """Return a manifest; its container is named like the deployment, behind another one."""
    labels = {"app": name}
    container = {"name": name, "image": image}
    limits = {"resources": {"limits": {"memory": "128Mi"}}}
    containers = [
        {"name": "sidecar", "image": "sidecar:1"} | limits,
        container | limits,
    ]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
            **spec,
        },
    }


def apply(plane: ControlPlane, room: str, *manifests: Mapping[str, object]) -> None:
    for each in manifests:
        plane.kubectl("-n", room, "apply", "-f", "-", stdin=json.dumps(each))


def rolled(plane: ControlPlane, room: str, aim: str = f"deployment/{SERVICE}") -> None:
    plane.kubectl("-n", room, "rollout", "status", aim, "--timeout=60s")


class KubernetesStand:
    """A deployment of two that was rolled out twice, in a namespace of its own."""

    kind = Kind.DEPLOYMENT
    scales = True
    rolls_back = True
    file = "/etc/hostname"

    def __init__(
        self, plane: ControlPlane, kubelet_api: KubeletApi, room: str, service: str = SERVICE
    ) -> None:
        self.room = room
        self.plane = plane
        self.target: Target = target_at(plane, room, service=service)
        self.variables: Mapping[str, str] = variables_of(plane.kubeconfig())
        self._kubelet_api = kubelet_api

    async def follow_settings(self, variables: Mapping[str, str]) -> None:
        """Ask by another kubeconfig from now on."""
        await self.target.aclose()
        address = TargetAddress(name="cluster", method=Method.KUBERNETES, namespace=self.room)
        self.target = KubernetesTarget(address, variables=variables, clock=SystemClock())

    async def write(self, text: str) -> None:
        """Let every unit print the line: it is not known which of them is looked at."""
        for unit in await self.units():
            await asyncio.to_thread(self._kubelet_api.write, unit.name, SERVICE, text)

    async def crash(self) -> None:
        unit = (await self.units())[0]
        await asyncio.to_thread(self.plane.kubelet.crash, self.room, unit.name)

    async def break_off(self) -> None:
        await asyncio.to_thread(self.plane.api.stop)

    async def mend(self) -> None:
        await asyncio.to_thread(self.plane.api.start)

    async def units(self) -> tuple[Unit, ...]:
        return (await self.target.look()).workloads[0].units


def grace(plane: ControlPlane, room: str, verb: str = "", resource: str = "") -> KubernetesTarget:
    """Return a target seen by Grace, who may do one thing in the room, or nothing."""
    if verb:
        may = (f"--verb={verb}", f"--resource={resource}")
        plane.kubectl("-n", room, "create", "role", "grace", *may)
        bound = ("create", "rolebinding", "grace", "--role=grace", "--user=grace")
        plane.kubectl("-n", room, *bound)
    path = plane.home / f"grace-{room}.kubeconfig"
    content = yaml.safe_load(plane.kubeconfig().read_text())
    content["users"][0]["user"]["as"] = "grace"
    path.write_text(yaml.safe_dump(content))
    address = TargetAddress(name="cluster", method=Method.KUBERNETES, namespace=room)
    return KubernetesTarget(address, variables=variables_of(path), clock=SystemClock())


@contextmanager
def furnished(plane: ControlPlane, *manifests: Mapping[str, object]) -> Iterator[str]:
    """A namespace in which the deployments were rolled out, one after the other."""
    room = plane.namespace()
    for each in manifests:
        apply(plane, room, each)
        rolled(plane, room)
    yield room
    plane.kubectl("delete", "namespace", room, "--wait=false")


@asynccontextmanager
async def standing(
    plane: ControlPlane, kubelet_api: KubeletApi, room: str
) -> AsyncIterator[KubernetesStand]:
    stand = KubernetesStand(plane, kubelet_api, room)
    yield stand
    await stand.target.aclose()


async def heard(changes: AsyncGenerator[Change, None], kind: ChangeKind) -> Change:
    """Return the first of a kind; nobody waits for it for ever."""
    async with asyncio.timeout(30):
        async for change in changes:
            if change.kind is kind:
                return change
    raise AssertionError("the news ended")


async def run_out_of_memory(stand: KubernetesStand) -> str:
    """Let a unit of the service end for want of memory, and return its name."""
    name = (await stand.units())[0].name
    await asyncio.to_thread(stand.plane.kubelet.crash, stand.room, name, OUT_OF_MEMORY)
    return name
