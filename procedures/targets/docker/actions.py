"""What can be done to a compose service: command lines for ``docker`` and compose; pure."""

import re
from dataclasses import dataclass

from procedures.targets.actions import Action, Refusal, Verb
from procedures.targets.values import Phase, Workload

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@:-]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the last look learned of a service besides what it shows.

    Attributes:
        files: Of the compose project, as its containers' labels name them.
        missing: Of these, what is not on this machine.
        directory: That the project was started from.
        fixed: Why there can be one container only: a fixed name, a fixed port; empty if there can
            be more.
    """

    files: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    directory: str = ""
    fixed: str = ""


def action_for(
    verb: Verb,
    workload: Workload,
    *,
    docker: tuple[str, ...],
    compose: tuple[str, ...],
    known: Known,
    replicas: int | None = None,
) -> Action | Refusal:
    """Return how to do something to a service, or why that cannot be done.

    Args:
        verb: What to do.
        workload: As the last look showed it.
        docker: The program, with the engine if it has to be named.
        compose: The same for compose, with the project.
        known: What the last look learned besides.
        replicas: How many containers there shall be, for SCALE.
    """
    names = [unit.name for unit in workload.units]
    odd = next((name for name in (workload.name, *names) if not _NAME.match(name)), None)
    if odd is not None:
        return Refusal(
            verb=verb,
            why=f"{odd!r} on a command line could be taken for something else",
            fix=f"{verb.value.capitalize()} it by hand",
        )
    if not names:
        return Refusal(verb=verb, why="it has no container", fix="Start it with compose")
    match verb:
        case Verb.RESTART:
            return _restart(workload, docker)
        case Verb.STOP:
            return _stop(workload, docker)
        case Verb.START:
            return _start(workload, docker)
        case Verb.SCALE:
            return _scale(workload, compose, known, replicas)
        case Verb.ROLL_BACK:
            return Refusal(
                verb=verb,
                why="compose keeps no revision to go back to",
                fix="Set the image before in the compose file, and walk its deployment",
            )


def _restart(workload: Workload, docker: tuple[str, ...]) -> Action:
    names = [unit.name for unit in workload.units]
    several = len(names) > 1
    return Action(
        verb=Verb.RESTART,
        workload=workload.name,
        commands=tuple((*docker, "restart", name) for name in names),
        look=_look(workload, docker),
        affects=f"{_containers(len(names))} of {workload.name}"
        + (", one after another" if several else ""),
        ready=len(names),
        caution="one is not waited for before the next: walk a rolling restart to be sure"
        if several
        else "it is the only one: nothing serves until it is up again",
    )


def _stop(workload: Workload, docker: tuple[str, ...]) -> Action | Refusal:
    names = [unit.name for unit in workload.units if unit.phase in _ALIVE]
    if not names:
        return Refusal(verb=Verb.STOP, why="nothing of it runs", fix="Start it")
    return Action(
        verb=Verb.STOP,
        workload=workload.name,
        commands=((*docker, "stop", *names),),
        look=_look(workload, docker),
        undo=((*docker, "start", *names),),
        affects=f"{_containers(len(names))} of {workload.name}: nothing of it serves any more",
        ready=0,
        caution="an outage of it until it is started again",
    )


def _start(workload: Workload, docker: tuple[str, ...]) -> Action | Refusal:
    names = [unit.name for unit in workload.units if unit.phase not in _ALIVE]
    if not names:
        return Refusal(verb=Verb.START, why="all of it runs", fix="Restart or scale it")
    return Action(
        verb=Verb.START,
        workload=workload.name,
        commands=((*docker, "start", *names),),
        look=_look(workload, docker),
        undo=((*docker, "stop", *names),),
        affects=f"{_containers(len(names))} of {workload.name}",
        ready=len(workload.units),
    )


def _scale(
    workload: Workload, compose: tuple[str, ...], known: Known, replicas: int | None
) -> Action | Refusal:
    before = len(workload.units)
    refused = _no_scaling(known, before, replicas)
    if refused is not None or replicas is None:
        return refused or Refusal(
            verb=Verb.SCALE, why="no number is given", fix="Say how many there shall be"
        )
    where = tuple(word for file in known.files for word in ("-f", file))
    if known.directory:
        where += ("--project-directory", known.directory)

    def up(count: int) -> tuple[str, ...]:
        options = ("up", "-d", "--no-deps", "--no-recreate", "--scale")
        return (*compose, *where, *options, f"{workload.name}={count}", workload.name)

    return Action(
        verb=Verb.SCALE,
        workload=workload.name,
        commands=(up(replicas),),
        look=((*compose, *where, "ps", workload.name),),
        undo=(up(before),),
        affects=f"{workload.name} goes from {_containers(before)} to {replicas}",
        ready=replicas,
        caution="nothing of it serves any more" if replicas == 0 else "",
    )


def _no_scaling(known: Known, before: int, replicas: int | None) -> Refusal | None:
    if known.fixed and (replicas is None or replicas > 1 or before > 1):
        return Refusal(
            verb=Verb.SCALE,
            why=f"there can be one container only: {known.fixed}",
            fix="Take that out of the compose file first",
        )
    if not known.files:
        return Refusal(
            verb=Verb.SCALE,
            why="its containers do not say which compose file made them",
            fix="Scale it where the compose file is",
        )
    if known.missing:
        return Refusal(
            verb=Verb.SCALE,
            why=f"the compose file {known.missing[0]} is not on this machine",
            fix="Scale it where the compose file is",
        )
    return None


_ALIVE = frozenset({Phase.RUNNING, Phase.STARTING, Phase.STOPPING})


def _look(workload: Workload, docker: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    filters = tuple(
        word for unit in workload.units for word in ("--filter", f"name=^/{unit.name}$")
    )
    return ((*docker, "ps", "--all", *filters),)


def _containers(count: int) -> str:
    return "1 container" if count == 1 else f"{count} containers"
