"""A dry run as text and as JSON."""

import json
from collections.abc import Iterator
from typing import Any

from procedures.execution.cleaning import Cleaner, clean_line
from procedures.execution.policy.policy import Confirmation
from procedures.execution.rehearsal.dry_run import DryCheck, DryCommand, DryRun, DryStep, Stop
from tui.commands.walk_lines import VERDICTS

_INDENT = "    "
_SCRIPT = "| "
_WIDTH = 12
"""Columns of the first word of a line."""


def dry_text(dry: DryRun) -> str:
    """Return the whole dry run, one block a step, and the verdict last."""
    place = dry.environment
    lines = [
        f"DRY RUN  {dry.procedure_id}: {clean_line(dry.title)}",
        f"{place.name} ({place.tier.value}), {place.method.value}, by {dry.operator.name}, "
        f"{dry.at:%Y-%m-%d %H:%M:%S} UTC",
    ]
    lines += [f"{name}={clean_line(value)}" for name, value in dry.inputs.items()]
    for n, step in enumerate(dry.steps, start=1):
        lines += ["", f"{n}. {step.id}: {clean_line(step.title)}", *_step(step)]
    lines += ["", *_verdict(dry.stop)]
    if options := " ".join(options_of(dry)):
        lines.append(f"Unattended it needs: {options}")
    return "\n".join(lines)


def dry_json(dry: DryRun) -> str:
    """Return the dry run as one JSON object."""
    place, stop = dry.environment, dry.stop
    return json.dumps(
        {
            "procedure": dry.procedure_id,
            "title": dry.title,
            "environment": place.name,
            "tier": place.tier.value,
            "method": place.method.value,
            "operator": dry.operator.name,
            "at": dry.at.isoformat(),
            "inputs": dict(dry.inputs),
            "steps": [_plain_step(step) for step in dry.steps],
            "stop": stop
            and {
                "obstacle": stop.obstacle.value,
                "step": stop.step_id,
                "what": stop.what,
                "may_override": stop.may_override,
            },
            "options": list(options_of(dry)),
        },
        indent=2,
    )


def options_of(dry: DryRun) -> Iterator[str]:
    """Yield what ``quarterdeck run`` needs to take every step without asking."""
    for step in dry.steps:
        if step.skipped:
            continue
        if step.command and step.command.ruling.confirmation is Confirmation.TYPED:
            yield f"--allow-destructive {step.id}"
        if step.items:
            yield f"--tick {step.id}"
        if step.choices:
            yield f"--choose {step.id}=N"


def asked_of(command: DryCommand) -> str:
    """Return what has to come before the command runs, in words."""
    ruling = command.ruling
    if ruling.refusal:
        return f"refused: {ruling.refusal}"
    asked = {
        Confirmation.NONE: "runs unasked",
        Confirmation.DIALOG: "asks for a yes",
        Confirmation.TYPED: f"asks for the word '{command.confirm_word}'",
    }[ruling.confirmation]
    return f"{asked}, and for the approval of a second person" if ruling.second_person else asked


def _step(step: DryStep) -> Iterator[str]:
    if step.skipped:
        yield f"{_INDENT}skipped"
        return
    for each in step.preconditions:
        yield f"{_head('before')}{_check(each)}"
    if step.command:
        yield from _command(step.command)
    if step.expect:
        yield f"{_head('output')}must show: {clean_line(' / '.join(step.expect))}"
    later = "" if not (step.changes or step.changed_before) else " (as it is now)"
    for each in step.checks:
        yield f"{_head('check')}{_check(each)}{later}"
    if step.wait:
        yield f"{_head('wait')}{step.wait}"
    for item in step.items:
        yield f"{_head('by hand')}{clean_line(item)}"
    if step.choices:
        yield f"{_head('choose')}{clean_line(' / '.join(step.choices))}"


def _command(command: DryCommand) -> Iterator[str]:
    yield f"{_head(command.ruling.level.value)}{clean_line(asked_of(command))}"
    for line in _clean(command.script).rstrip("\n").split("\n"):
        yield f"{_head()}{_SCRIPT}{line}"
    for name, value in sorted(command.variables.items()):
        yield f"{_head('with')}{name}={clean_line(value)}"
    if command.affects:
        yield f"{_head('affects')}{clean_line(command.affects)}"
    for found in command.findings:
        yield f"{_head('found')}{found.level.value}: {clean_line(found.text)}: {found.reason}"
    for script in command.undo:
        yield f"{_head('undo')}{clean_line(script)}"


def _check(check: DryCheck) -> str:
    verdict = VERDICTS[check.passed] if check.evaluated else "not evaluated"
    return clean_line(f"{verdict}: {check.text}: {check.detail}", limit=400)


def _verdict(stop: Stop | None) -> Iterator[str]:
    yield "Nothing was executed and nothing recorded."
    if stop is None:
        yield "Nothing is known that would stop the run."
        return
    place = f"at {stop.step_id}" if stop.step_id else "before its first step"
    yield f"The run would stop {place} ({stop.obstacle.value}): {clean_line(stop.what, limit=1000)}"
    if stop.may_override:
        yield f"  A written reason would let it go on: --override {stop.step_id}=REASON"


def _plain_step(step: DryStep) -> dict[str, Any]:
    return {
        "id": step.id,
        "title": step.title,
        "phase": step.phase,
        "skipped": step.skipped,
        "command": _plain_command(step.command) if step.command else None,
        "preconditions": [_plain_check(each) for each in step.preconditions],
        "checks": [_plain_check(each) for each in step.checks],
        "expect": list(step.expect),
        "wait_s": step.wait.total_seconds() if step.wait else None,
        "items": list(step.items),
        "choices": list(step.choices),
        "changed_before": step.changed_before,
    }


def _plain_command(command: DryCommand) -> dict[str, Any]:
    ruling = command.ruling
    return {
        "script": command.script,
        "cwd": command.cwd,
        "variables": dict(command.variables),
        "level": ruling.level.value,
        "declared": command.declared.value,
        "confirmation": ruling.confirmation.value,
        "confirm_word": command.confirm_word,
        "second_person": ruling.second_person,
        "refusal": ruling.refusal,
        "may_override": ruling.may_override,
        "findings": [
            {"level": found.level.value, "text": found.text, "reason": found.reason}
            for found in command.findings
        ],
        "affects": command.affects,
        "timeout_s": command.timeout_s,
        "irreversible": command.irreversible,
        "background": command.background,
        "interactive": command.interactive,
        "undo": list(command.undo),
    }


def _plain_check(check: DryCheck) -> dict[str, Any]:
    return {
        "check": check.text,
        "evaluated": check.evaluated,
        "passed": check.passed,
        "detail": check.detail,
    }


def _head(word: str = "") -> str:
    return f"{_INDENT}{word:<{_WIDTH}}"


def _clean(text: str) -> str:
    cleaner = Cleaner()
    return cleaner.feed_text(text) + cleaner.close()
