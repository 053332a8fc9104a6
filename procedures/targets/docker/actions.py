"""What can be done to a compose service: command lines for ``docker`` and compose; pure."""

import re
from dataclasses import dataclass

from procedures.reference.levels import Level
from procedures.targets.actions import Action, Refusal, Verb
from procedures.targets.docker.units import PROJECT, SERVICE
from procedures.targets.values import Phase, Unit, Workload

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@:-]*\Z")
_WAIT_S = "120"
_WAIT = (
    'until test "$(docker "$1" "$2" inspect --format "{{.State.Health.Status}}" "$3")" = healthy;'
    " do sleep 1; done"
)
"""The engine's own command waits for no health check; names are arguments, never its source."""
_ALIVE = frozenset({Phase.RUNNING, Phase.STARTING, Phase.STOPPING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a look learned of a service besides what it shows.

    Attributes:
        files: Of the compose project, as its containers' labels name them.
        missing: Of these, what is not on this machine.
        directory: That the project was started from.
        variables: File of the variables that the project was started with; empty without one.
        fixed: Why there can be one container only: a fixed name, a fixed port; empty if there can
            be more.
    """

    files: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    directory: str = ""
    variables: str = ""
    fixed: str = ""


def action_for(
    verb: Verb,
    workload: Workload,
    *,
    engine: tuple[str, ...],
    compose: tuple[str, ...],
    project: str,
    known: Known,
    replicas: int | None = None,
) -> Action | Refusal:
    """Return how to do something to a service, or why that cannot be done.

    Args:
        verb: What to do.
        workload: As the last look showed it.
        engine: What names the engine on a command line.
        compose: The program, or the words, that compose is called by.
        project: Name of the compose project.
        known: What looks learned besides.
        replicas: How many containers there shall be, for SCALE, and for START without any.
    """
    names = (project, workload.name, *(unit.name for unit in workload.units))
    odd = next((name for name in names if not _NAME.match(name)), None)
    if odd is not None:
        return Refusal(
            verb=verb,
            why=f"{odd!r} on a command line could be taken for something else",
            fix=f"{verb.value.capitalize()} it by hand",
        )
    lines = _Lines(workload, engine, compose, project, known)
    match verb:
        case Verb.RESTART:
            return _restart(lines)
        case Verb.STOP:
            return _stop(lines)
        case Verb.START:
            return _start(lines, replicas)
        case Verb.SCALE:
            return _scale(lines, replicas)
        case Verb.ROLL_BACK:
            return Refusal(
                verb=verb,
                why="compose keeps no revision to go back to",
                fix="Walk startup-rollback: it brings back the image before by its own tag",
            )


@dataclass(frozen=True, slots=True)
class _Lines:
    """Command lines about one service; each names its engine and its project."""

    workload: Workload
    engine: tuple[str, ...]
    compose: tuple[str, ...]
    project: str
    known: Known

    def docker(self, *words: str) -> tuple[str, ...]:
        return ("docker", *self.engine, *words)

    def up(self, count: int) -> tuple[str, ...]:
        """Return how compose makes it so many; what is there and stays is not touched."""
        program, *rest = self.compose
        words = [program, *self.engine, *rest, "-p", self.project]
        for file in self.known.files:
            words += ["-f", file]
        if self.known.directory:
            words += ["--project-directory", self.known.directory]
        if self.known.variables:
            words += ["--env-file", self.known.variables]
        words += ["up", "-d", "--no-deps", "--no-recreate"]
        return (*words, "--scale", f"{self.workload.name}={count}", self.workload.name)

    @property
    def look(self) -> tuple[tuple[str, ...], ...]:
        project = f"label={PROJECT}={self.project}"
        service = f"label={SERVICE}={self.workload.name}"
        return (self.docker("ps", "--all", "--filter", project, "--filter", service),)

    def no_compose(self, verb: Verb) -> Refusal | None:
        """Return why compose cannot be used from here."""
        fix = "Do it on the machine where the compose file is"
        if not self.known.files:
            why = "its containers do not say which compose file made them"
            return Refusal(verb=verb, why=why, fix=fix)
        if self.known.missing:
            why = f"the compose file {self.known.missing[0]} is not on this machine"
            return Refusal(verb=verb, why=why, fix=fix)
        return None


def _restart(lines: _Lines) -> Action | Refusal:
    units = lines.workload.units
    if not units:
        return Refusal(verb=Verb.RESTART, why="it has no container", fix="Start it")
    commands: list[tuple[str, ...]] = []
    for number, unit in enumerate(units):
        commands.append(lines.docker("restart", unit.name))
        if unit.ready is not None and number < len(units) - 1:
            words = ("timeout", _WAIT_S, "sh", "-c", _WAIT, "wait", *lines.engine, unit.name)
            commands.append(words)
    several = len(units) > 1
    return Action(
        verb=Verb.RESTART,
        workload=lines.workload.name,
        commands=tuple(commands),
        look=lines.look,
        affects=f"{_containers(len(units))} of {lines.workload.name}"
        + (", one after another" if several else ""),
        ready=len(units),
        caution=_caution_of_restart(units),
    )


def _caution_of_restart(units: tuple[Unit, ...]) -> str:
    if len(units) == 1:
        return "it is the only one: nothing serves until it is up again"
    if any(unit.ready is None for unit in units):
        return "it has no health check: the next one is not kept until the one before serves"
    return ""


def _stop(lines: _Lines) -> Action | Refusal:
    units = lines.workload.units
    # One that is started again and again is between two lives, and has to be stopped too.
    alive = [
        each for each in units if each.phase in _ALIVE or each.word in {"restarting", "paused"}
    ]
    if not alive:
        return Refusal(verb=Verb.STOP, why="nothing of it runs", fix="Start it")
    names = [unit.name for unit in alive]
    return Action(
        verb=Verb.STOP,
        workload=lines.workload.name,
        commands=(lines.docker("stop", *names),),
        look=lines.look,
        undo=(lines.docker("start", *names),),
        affects=f"{_containers(len(names))} of {lines.workload.name}: nothing of it serves then",
        level=Level.DESTRUCTIVE,
        ready=0,
        caution="an outage of it until it is started again",
    )


def _start(lines: _Lines, replicas: int | None) -> Action | Refusal:
    units = lines.workload.units
    if not units:
        return _start_anew(lines, max(1, replicas or 1))
    names = [unit.name for unit in units if unit.phase not in _ALIVE and unit.word != "paused"]
    if not names:
        return Refusal(verb=Verb.START, why="all of it runs", fix="Restart or scale it")
    return Action(
        verb=Verb.START,
        workload=lines.workload.name,
        commands=(lines.docker("start", *names),),
        look=lines.look,
        affects=f"{_containers(len(names))} of {lines.workload.name}",
        ready=len(units),
    )


def _start_anew(lines: _Lines, count: int) -> Action | Refusal:
    if refused := lines.no_compose(Verb.START):
        return refused
    if lines.known.fixed:
        count = 1
    return Action(
        verb=Verb.START,
        workload=lines.workload.name,
        commands=(lines.up(count),),
        look=lines.look,
        affects=f"{_containers(count)} of {lines.workload.name}, made anew",
        ready=count,
    )


def _scale(lines: _Lines, replicas: int | None) -> Action | Refusal:
    before = len(lines.workload.units)
    if replicas is None or replicas < 0:
        return Refusal(verb=Verb.SCALE, why="no number is given", fix="Say how many there shall be")
    if lines.known.fixed and replicas > 1:
        return Refusal(
            verb=Verb.SCALE,
            why=f"there can be one container only: {lines.known.fixed}",
            fix="Take that out of the compose file first",
        )
    if refused := lines.no_compose(Verb.SCALE):
        return refused
    return Action(
        verb=Verb.SCALE,
        workload=lines.workload.name,
        commands=(lines.up(replicas),),
        look=lines.look,
        undo=(lines.up(before),),
        affects=f"{lines.workload.name} goes from {_containers(before)} to {replicas}",
        level=Level.CHANGE if replicas else Level.DESTRUCTIVE,
        ready=replicas,
        caution="" if replicas else "nothing of it serves any more",
    )


def _containers(count: int) -> str:
    return "1 container" if count == 1 else f"{count} containers"
