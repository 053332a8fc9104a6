"""A run as it would go, as a page: what is asked, executed and judged, and what would stop it."""

from collections.abc import Iterable, Sequence

from procedures.execution.policy.policy import Confirmation
from procedures.execution.rehearsal.dry_run import DryCheck, DryCommand, DryRun, DryStep
from procedures.reference.levels import Level
from widgets.marks import counted, duration
from widgets.procedure_line import LEVEL_STYLES
from widgets.step_page import VERDICTS
from widgets.strips import Line, Span


def dry_run_page(rehearsed: DryRun) -> list[Line]:
    """Return verdict and steps."""
    environment = rehearsed.environment
    where = f"{environment.name} ({environment.tier.value}), {environment.method.value}"
    lines: list[Line] = [
        [(f" {rehearsed.title}", "title"), ("  dry run: nothing was executed", "key")],
        [("   as of ", "dim"), (f"{rehearsed.at:%Y-%m-%d %H:%M:%S} UTC on {where}", "text")],
        [(f"   {_summary(rehearsed.steps)}", "text")],
        _verdict(rehearsed),
    ]
    lines += [[(f"   {name}=", "dim"), (v, "dim")] for name, v in sorted(rehearsed.inputs.items())]
    phase = ""
    for number, step in enumerate(rehearsed.steps, start=1):
        if step.phase != phase:
            phase = step.phase
            lines += [[], [(f" {phase}", "title")]]
        lines += _step_lines(number, step)
    return lines


def _summary(steps: Sequence[DryStep]) -> str:
    walked = [step for step in steps if not step.skipped]
    levels = [step.command.ruling.level for step in walked if step.command]
    parts = [counted(len(walked), "step")]
    parts += [f"{levels.count(level)} {level.value}" for level in Level if level in levels]
    return ", ".join(parts)


def _verdict(rehearsed: DryRun) -> Line:
    stop = rehearsed.stop
    if stop is None:
        return [(" ✓ nothing is known that would stop it", "ok")]
    titles = {step.id: step.title for step in rehearsed.steps}
    at = f" at {titles[stop.step_id]}" if stop.step_id in titles else ""
    more = " (a written reason would let it go on)" if stop.may_override else ""
    return [(f" × would stop{at}: ", "critical"), (f"{stop.what}{more}", "text")]


def _step_lines(number: int, step: DryStep) -> Iterable[Line]:
    if step.skipped:
        yield [(f" » {number}. {step.title}", "dim"), ("  skipped", "warning")]
        return
    yield [(f" {number}. {step.title}", "strong")]
    yield from _check_lines("before", step.preconditions)
    if step.command is not None:
        yield from _command_lines(step.command)
    yield from ([("   expects ", "dim"), (each, "code")] for each in step.expect)
    heading = "now, before any change" if step.changes or step.changed_before else "checks"
    yield from _check_lines(heading, step.checks)
    if step.wait is not None:
        yield [("   waits ", "dim"), (duration(step.wait.total_seconds()), "text")]
    yield from ([("   ☐ ", "text"), (item, "text")] for item in step.items)
    yield from ([("   ○ ", "text"), (choice, "text")] for choice in step.choices)


def _command_lines(command: DryCommand) -> Iterable[Line]:
    ruling = command.ruling
    level = ruling.level.value
    head: list[Span] = [("   would run ", "dim"), (level.upper(), LEVEL_STYLES[level])]
    if command.background:
        head.append((" in the background", "key"))
    if command.interactive:
        head.append((" on a terminal", "key"))
    yield head
    yield from ([("     ", ""), (text, "code")] for text in command.script.rstrip("\n").split("\n"))
    for name, value in sorted(command.variables.items()):
        yield [(f"     {name}=", "dim"), (value, "dim")]
    if ruling.refusal:
        yield [("   × ", "critical"), (ruling.refusal, "text")]
    elif asked := _asked(command):
        yield [("   asks ", "dim"), (asked, "text")]
    if command.affects:
        yield [("   affects ", "dim"), (command.affects, "text")]
    for found in command.findings:
        yield [("   risk ", "warning"), (f"{found.text}: {found.reason}", "text")]
    for script in command.undo:
        yield [("   undone by ", "dim"), (script.rstrip("\n").replace("\n", " ; "), "code")]


def _asked(command: DryCommand) -> str:
    asked = {
        Confirmation.NONE: "",
        Confirmation.DIALOG: "a yes",
        Confirmation.TYPED: f"to type {command.confirm_word}",
    }[command.ruling.confirmation]
    second = "a second person" if command.ruling.second_person else ""
    return " and ".join(filter(None, (second, asked)))


def _check_lines(heading: str, checks: Sequence[DryCheck]) -> Iterable[Line]:
    for check in checks:
        if not check.evaluated:
            yield [(f"   {heading} ", "dim"), (f"☐ {check.text}", "text"), (" not asked", "dim")]
            continue
        sign, style = VERDICTS[check.passed]
        yield [
            (f"   {heading} ", "dim"),
            (f"{sign} ", style),
            (check.text, "text"),
            (f"  {check.detail}", style),
        ]
