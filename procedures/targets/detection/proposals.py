"""Which environments the settings should have, from what was found; pure.

The rules, in the order in which they are applied:

1. Each namespace of each context is an environment, and so is each compose project of an engine on
   another machine.
2. What runs on this machine is one environment, named after its compose project, or else after the
   machine. A compose project and systemd's units are two targets of it: timers and a database
   beside containers belong to the same service. Its method is that of the surer target, and Docker
   if both are as sure: a unit that starts the containers often bears the service's name too.
3. If there are several compose projects on this machine, each is an environment, and so are the
   units: nobody can tell whose they are.
4. What only stands beside a service makes no environment. Units join a compose project for what it
   has not got itself.
5. Published addresses belong to their project. The usual addresses and directories of this machine
   belong to the environment with its units, or else to its only one; without any environment here,
   addresses that answer make one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from procedures.environment import Endpoint, Environment, Method
from procedures.targets.detection.names import guessed_tier, safe_name, unique_names
from procedures.targets.detection.values import (
    Candidate,
    Deployment,
    Directory,
    Door,
    Found,
    Sureness,
)

_SURENESS = list(Sureness)
_SORTS = ("postgres", "redis")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An environment that was found.

    Attributes:
        environment: As the settings will say it.
        tier_word: Part of a name that its tier was guessed from; empty where nothing says so.
        deployments: Those that its targets are.
    """

    environment: Environment
    tier_word: str
    deployments: tuple[Deployment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    deployments: tuple[Deployment, ...]
    name: str
    told_by: tuple[str, ...]
    """Names that tell its tier."""
    is_here: bool


def proposals_of(found: Found) -> tuple[Proposal, ...]:
    """Return the environments, the one to open by default first."""
    groups = _groups(found)
    names = unique_names(group.name for group in groups)
    heir = _heir(groups)
    return tuple(
        _proposal(name, group, found, inherits=group is heir)
        for name, group in zip(names, groups, strict=True)
    )


def _groups(found: Found) -> list[_Group]:
    here = [each for each in found.deployments if each.is_here]
    stacks = [each for each in here if each.address.method is Method.DOCKER]
    hosts = [each for each in here if each.address.method is Method.SYSTEMD]
    groups = [_local(each, found.machine) for each in _joined(stacks, hosts)]
    if not groups and found.answering:
        groups.append(_local(tuple(hosts), found.machine))
    away = [each for each in found.deployments if not each.is_here]
    away = [each for each in away if each.sureness is not Sureness.BESIDE]
    several = {each.address.context for each in away if _is_one_of_several(each, away)}
    groups += [
        _remote(each, several)
        for each in sorted(away, key=lambda each: (not each.is_current, _key(each)))
    ]
    return groups


def _joined(
    stacks: Sequence[Deployment], hosts: Sequence[Deployment]
) -> list[tuple[Deployment, ...]]:
    """Return what runs on this machine, by environment; the surest of each comes first."""
    if len(stacks) == 1 and hosts:
        members = [*stacks, *_wanting(stacks[0], hosts)]
        members.sort(key=lambda each: _SURENESS.index(each.sureness))
        together = [tuple(members)]
    else:
        together = [(each,) for each in (*stacks, *hosts)]
    return [each for each in together if each[0].sureness is not Sureness.BESIDE]


def _wanting(stack: Deployment, hosts: Iterable[Deployment]) -> Iterable[Deployment]:
    """Return the units that belong to a project: of a database only if it has none itself."""
    own = (stack.address.service, *stack.beside)
    for host in hosts:
        if host.sureness is not Sureness.BESIDE:
            yield host
            continue
        sorts = [sort for sort in _SORTS if not any(sort in name for name in own)]
        units = tuple(unit for unit in host.address.units if unit.startswith(tuple(sorts)))
        if units:
            address = replace(host.address, service=units[0], units=units)
            yield replace(host, address=address, beside=units[1:])


def _local(deployments: tuple[Deployment, ...], machine: str) -> _Group:
    project = next((each.address.project for each in deployments if each.address.project), "")
    return _Group(
        deployments=deployments,
        name=safe_name(project or machine, "local"),
        told_by=(project, machine),
        is_here=True,
    )


def _remote(deployment: Deployment, several: Iterable[str]) -> _Group:
    address = deployment.address
    if address.method is Method.DOCKER:
        name, told_by = safe_name(address.project, "stack"), (address.project, deployment.place)
    else:
        name = safe_name(address.context, "cluster")
        if address.context in several:
            name = f"{name}-{address.namespace}"
        told_by = (address.context, address.namespace)
    return _Group(deployments=(deployment,), name=name, told_by=told_by, is_here=False)


def _is_one_of_several(deployment: Deployment, others: Iterable[Deployment]) -> bool:
    address = deployment.address
    return any(
        address.method is each.address.method is Method.KUBERNETES
        and address.context == each.address.context
        and address.namespace != each.address.namespace
        for each in others
    )


def _key(deployment: Deployment) -> tuple[str, str, str]:
    address = deployment.address
    return address.context, address.namespace, address.project


def _heir(groups: Sequence[_Group]) -> _Group | None:
    """Return the environment that the usual addresses and directories of this machine belong to."""
    here = [each for each in groups if each.is_here]
    for group in here:
        if any(each.address.method is Method.SYSTEMD for each in group.deployments):
            return group
    return here[0] if len(here) == 1 else None


def _proposal(name: str, group: _Group, found: Found, *, inherits: bool) -> Proposal:
    tier, word = guessed_tier(group.told_by)
    first = group.deployments[0] if group.deployments else None
    projects = {each.address.project for each in group.deployments} - {""}
    answering = [each for each in found.answering if each.project in projects]
    if inherits:
        published = {each.url for each in found.answering if each.project}
        answering += [
            each for each in found.answering if not each.project and each.url not in published
        ]
    directories = found.directories if inherits else ()
    environment = Environment(
        name=name,
        tier=tier,
        method=first.address.method if first else _method(found),
        prometheus=_endpoint(answering, Door.PROMETHEUS),
        alertmanager=_endpoint(answering, Door.ALERTMANAGER),
        metrics=_instances(answering),
        health=_endpoint(answering, Door.HEALTH),
        api=_endpoint(answering, Door.API),
        backup_dir=_directory(directories, "backup_dir"),
        data_dir=_directory(directories, "data_dir"),
        facts=first.facts if first else {},
        targets=tuple(each.address for each in group.deployments),
    )
    return Proposal(environment=environment, tier_word=word, deployments=group.deployments)


def _method(found: Found) -> Method:
    """Return how a service is deployed of which only addresses are known; a guess."""
    unasked = {each.place for each in found.unasked}
    return Method.DOCKER if "systemd" in unasked else Method.SYSTEMD


def _endpoint(answering: Iterable[Candidate], door: Door) -> Endpoint | None:
    return next((Endpoint(url=each.url) for each in answering if each.door is door), None)


def _instances(answering: Iterable[Candidate]) -> tuple[Endpoint, ...]:
    """Return all instances that a project publishes, or the usual one."""
    metrics = [each for each in answering if each.door is Door.METRICS]
    published = [each for each in metrics if each.project]
    return tuple(Endpoint(url=url) for url in dict.fromkeys(e.url for e in published or metrics))


def _directory(directories: Iterable[Directory], key: str) -> Path | None:
    return next((each.path for each in directories if each.key == key), None)
