"""One step of a procedure as a page: warnings first, then what is run, then what came of it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from procedures.errors import Problem
from procedures.execution.run.run import Approval, CheckResult, StepRecord, StepStatus
from procedures.runbook.model import Command, Phase, Procedure, Step
from widgets.checklist import SIGNS
from widgets.marks import duration
from widgets.procedure_line import LEVEL_STYLES
from widgets.strips import Line, Span

if TYPE_CHECKING:
    from procedures.library.commit import Commit

NOTICE_STYLES = {
    "note": "key",
    "tip": "ok",
    "important": "key",
    "warning": "warning",
    "caution": "critical",
}
VERDICTS = {True: ("✓", "ok"), False: ("×", "critical"), None: ("?", "unknown")}
_FENCE = re.compile(r"^(```.*?\n```)[ \t]*$", re.DOTALL | re.MULTILINE)
_INLINE = re.compile(r"(\*\*.+?\*\*|\*[^*\s][^*]*\*|`[^`]+`|\[[^\]]+\]\([^)]+\))")


def procedure_page(procedure: Procedure) -> list[Line]:
    """Return the head of a document: what it is for and what it takes."""
    return [*document_head(procedure), [], *prose_lines(procedure.intro)]


def document_head(
    procedure: Procedure, *, commit: "Commit | None" = None, notes: Sequence[Problem] = ()
) -> list[Line]:
    """Return title, summary and facts; of a foreign document also what was not understood."""
    facts = [
        ("for", ", ".join(procedure.when)),
        ("severity", ", ".join(procedure.severity)),
        ("methods", ", ".join(method.value for method in procedure.methods)),
        ("takes", _minutes(procedure.duration) if procedure.duration else ""),
        ("roles", ", ".join(procedure.roles)),
        ("inputs", ", ".join(procedure.inputs)),
        ("undone by", procedure.rollback),
        ("reviewed", str(procedure.reviewed) if procedure.reviewed else ""),
    ]
    if commit is not None:
        changed = " · changed since" if commit.changed else ""
        facts.append(("commit", f"{commit.at:%Y-%m-%d} {commit.author}: {commit.subject}{changed}"))
    lines: list[Line] = [[(f" {procedure.title}", "title")], [(f" {procedure.summary}", "text")]]
    lines += [[(f"  {name:<10}", "dim"), (text, "text")] for name, text in facts if text]
    for note in notes:
        lines.append([("  not understood ", "warning"), (f"line {note.line}: {note.text}", "text")])
    return lines


def step_page(
    step: Step,
    *,
    command: Command | None,
    level: str = "",
    variables: Mapping[str, str] | None = None,
    record: StepRecord | None = None,
    phase: Phase | None = None,
    message: str = "",
    now: datetime | None = None,
) -> list[Line]:
    """Return a step with its warnings, command, checks and what has come of them so far.

    Args:
        step: The step.
        command: The one that applies here.
        level: What the command really is, where that is known.
        variables: What the command will find, as far as it uses it.
        record: The step's part of the run.
        phase: Where it stands.
        message: Its message with the fields that are known filled in.
        now: For the time that is left to a second person.
    """
    status = record.status if record else StepStatus.PENDING
    sign, style = SIGNS[status]
    lines: list[Line] = [
        [(f" {sign} {step.title}", "strong"), (f"  {status.value}", style), *_attempt(record)]
    ]
    if record and record.reason:
        lines.append([(f"   {record.reason}", style)])
    if record and record.approval and now:
        lines.append(approval_line(record.approval, now))
    if phase is not None and phase.budget is not None:
        lines.append([(f"   {phase.title} · within {_minutes(phase.budget)}", "dim")])
    for notice in step.notices:
        kind = notice.kind.upper()
        notice_style = NOTICE_STYLES.get(notice.kind, "key")
        lines.append([(f" ▌{kind} ", notice_style), (" ".join(notice.text.split()), "text")])
    lines += prose_lines(step.why, "Why")
    lines += prose_lines(step.prose)
    lines += _command_lines(command, level, variables or {})
    lines += [[(" expects ", "dim"), (each, "code")] for each in step.expect]
    lines += _check_lines(step, record)
    lines += _message_lines(message or step.message)
    lines += _item_lines(step, record)
    lines += _choice_lines(step, record)
    lines += prose_lines(step.if_it_fails, "If it fails")
    return lines


def _minutes(length: timedelta) -> str:
    return duration(length.total_seconds())


def _attempt(record: StepRecord | None) -> list[Span]:
    return [(f", attempt {record.attempt}", "dim")] if record and record.attempt > 1 else []


def _command_lines(
    command: Command | None, level: str, variables: Mapping[str, str]
) -> Iterable[Line]:
    if command is None:
        return
    shown = level or command.level.value
    head: list[Span] = [(" runs ", "dim"), (shown.upper(), LEVEL_STYLES[shown])]
    if command.interactive:
        head.append(("  on a terminal: it asks questions of its own", "key"))
    if command.background:
        head.append(("  in the background, while the next steps are taken", "key"))
    yield head
    for text in command.script.rstrip("\n").split("\n"):
        yield [("   ", ""), (text, "code")]
    for name, value in sorted(variables.items()):
        yield [(f"   {name}=", "dim"), (value, "dim")]
    if command.affects:
        yield [(" affects ", "dim"), (command.affects, "text")]


def approval_text(approval: Approval, now: datetime) -> str:
    """Return what has become of the second person's word, in plain words."""
    return "".join(text for text, _ in approval_line(approval, now))[3:]


def approval_line(approval: Approval, now: datetime) -> Line:
    """Return what has become of the second person's word, and how long it can be used."""
    until = f"{approval.expires_at:%H:%M:%S} UTC"
    left = duration(max(0.0, (approval.expires_at - now).total_seconds()))
    if approval.refused_by:
        return [(f" × refused by {approval.refused_by}: ", "critical"), (approval.reason, "text")]
    if now >= approval.expires_at:
        return [(" × the approval expired ", "critical"), (until, "text")]
    if approval.granted_by:
        return [
            (f" ✓ approved by {approval.granted_by}", "ok"),
            (f", until {until} ({left})", "dim"),
        ]
    return [
        (" ? waits for a second person", "unknown"),
        (f", asked by {approval.asked_by}, until {until} ({left})", "dim"),
    ]


def _message_lines(message: str) -> Iterable[Line]:
    if not message:
        return
    yield [
        (" says ", "dim"),
        ("MESSAGE", "key"),
        ("  what stands in braces is yours to say", "dim"),
    ]
    for text in message.rstrip("\n").split("\n"):
        parts = re.split(r"(\{[a-z][a-z0-9_]*\})", text)
        yield [("   ", ""), *((part, "warning" if part[:1] == "{" else "text") for part in parts)]


def _check_lines(step: Step, record: StepRecord | None) -> Iterable[Line]:
    results: dict[str, CheckResult] = {r.text: r for r in record.results} if record else {}
    for heading, assertions in (
        (" before ", step.preconditions),
        (" checks ", step.checks),
    ):
        for assertion in assertions:
            result = results.pop(assertion.text, None)
            yield _check_line(heading, assertion.text, result)
    if step.wait is not None:
        text = f"wait {_minutes(step.wait.duration)}"
        if step.wait.condition is not None:
            text += f" while {step.wait.condition.text}"
        yield [(" then ", "dim"), (text, "text")]
    for result in results.values():
        yield _check_line(" found ", result.text, result)


def _check_line(heading: str, text: str, result: CheckResult | None) -> Line:
    if result is None:
        return [(heading, "dim"), ("☐ ", "dim"), (text, "text")]
    sign, style = VERDICTS[result.passed]
    return [(heading, "dim"), (f"{sign} ", style), (text, "text"), (f"  {result.detail}", style)]


def _item_lines(step: Step, record: StepRecord | None) -> Iterable[Line]:
    ticked = record.ticked if record else frozenset()
    for number, item in enumerate(step.items):
        sign, style = ("☑", "ok") if number in ticked else ("☐", "text")
        yield [(f" {sign} ", style), *inline(item.text)]


def _choice_lines(step: Step, record: StepRecord | None) -> Iterable[Line]:
    for number, choice in enumerate(step.choices):
        chosen = record is not None and record.chosen == number
        target = f" → {choice.target}" if choice.target else " → go on"
        yield [
            (" ◉ " if chosen else " ○ ", "ok" if chosen else "text"),
            *inline(choice.label),
            (target, "key"),
        ]


def prose_lines(markdown: str, heading: str = "") -> list[Line]:
    """Return paragraphs, lists and shown fences of simple Markdown as lines."""
    lines: list[Line] = []
    for part in _FENCE.split(markdown.strip()):
        if part.startswith("```"):
            shown = part.split("\n")[1:-1]
            lines += [[("   ", ""), (text, "code")] for text in shown]
        else:
            lines += _paragraph_lines(part, heading if not lines else "")
    return lines


def _paragraph_lines(markdown: str, heading: str) -> list[Line]:
    lines: list[Line] = []
    for paragraph in re.split(r"\n\s*\n", markdown.strip()):
        if not paragraph:
            continue
        listed = re.match(r"\s*([-*|]|\d+\.)\s", paragraph)
        parts = paragraph.split("\n") if listed else [" ".join(paragraph.split())]
        for part in parts:
            spans: list[Span] = [(" ", "")]
            if heading and not lines:
                spans.append((f"{heading}: ", "key"))
            lines.append([*spans, *inline(part.rstrip())])
    return lines


def inline(text: str) -> list[Span]:
    """Give bold text, code and links in ``text`` their styles."""
    spans: list[Span] = []
    for piece in _INLINE.split(text):
        if piece.startswith("**"):
            spans.append((piece[2:-2], "strong"))
        elif piece.startswith("*") and len(piece) > 2:
            spans.append((piece[1:-1], "strong"))
        elif piece.startswith("`"):
            spans.append((piece[1:-1], "code"))
        elif piece.startswith("[") and "](" in piece:
            spans.append((piece[1 : piece.index("](")], "key"))
        elif piece:
            spans.append((piece, "text"))
    return spans
