"""Deployments as a search finds them, for the tests of what is made of them."""

from dataclasses import replace
from pathlib import Path

from procedures.environment import Method, TargetAddress
from procedures.targets.detection.values import Candidate, Deployment, Directory, Door, Sureness

STACK = Deployment(
    address=TargetAddress(name="stack", method=Method.DOCKER, project="llm-config"),
    sureness=Sureness.CERTAIN,
    place="engine unix:///var/run/docker.sock",
    sign="a service of that name",
    is_here=True,
    beside=("postgres", "redis"),
    facts={"COMPOSE_PROJECT_NAME": "llm-config"},
)
HOST = Deployment(
    address=TargetAddress(name="host", method=Method.SYSTEMD, units=("llm-config*", "postgresql")),
    sureness=Sureness.CERTAIN,
    place="machine blue",
    sign="a unit of that name",
    is_here=True,
    facts={"UNIT": "llm-config-manager"},
)


def stack(project: str = "llm-config", **parts: object) -> Deployment:
    address = replace(STACK.address, project=project)
    return replace(STACK, **{"address": address, **parts})  # type: ignore[arg-type]


def cluster(context: str, namespace: str = "llm-config", **parts: object) -> Deployment:
    """Return a namespace of a context."""
    address = TargetAddress(
        name="cluster", method=Method.KUBERNETES, context=context, namespace=namespace
    )
    found = Deployment(
        address=address,
        sureness=Sureness.CERTAIN,
        place=f"context {context}",
        sign="a deployment of that name",
        facts={"NAMESPACE": namespace},
    )
    return replace(found, **parts)  # type: ignore[arg-type]


def answer(door: Door, url: str, project: str = "") -> Candidate:
    return Candidate(door=door, url=url, project=project)


def directory(key: str, path: str) -> Directory:
    return Directory(key=key, path=Path(path))
