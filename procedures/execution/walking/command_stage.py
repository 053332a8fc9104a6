"""The command of a step: recorded, then started under a supervisor, followed, and its end recorded.

The order keeps two promises: no command runs without a record, and none runs twice. A folder is
laid out first, the ledger then holds ``step.started``, and only then does a process exist.
"""

import asyncio
import secrets as randomness
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from procedures.errors import RunError
from procedures.execution.command import supervision
from procedures.execution.command.supervision import CommandSpec, Ending, Supervision
from procedures.execution.command.transcript import Transcript
from procedures.execution.record.journal import Journal
from procedures.execution.run.preparation import Prepared
from procedures.execution.run.run import StepRecord
from procedures.execution.secrets.redaction import redact
from procedures.execution.walking.progress import OutputArrived, TerminalPrinted
from procedures.runbook.model import Command

_TERMINAL_BEHIND = 8 * 1024**2
"""A terminal that misses some output draws wrongly, so it is shown more of what waits."""


async def begin(
    journal: Journal,
    prepared: Prepared,
    *,
    variables: Mapping[str, str],
    secrets: Sequence[str],
    runs_dir: Path,
    grace_s: float,
) -> None:
    """Record that the step starts, then start its command, if it has one."""
    step_id, command = prepared.step.id, prepared.command
    folder = await _lay_out(journal, step_id, command, runs_dir, grace_s) if command else None
    await journal.decide(
        "step.started",
        {
            "step": step_id,
            "level": prepared.level.value,
            "binding": prepared.binding,
            "script": redact(prepared.script, secrets),
            "folder": str(folder or ""),
            "host": socket.gethostname() if folder else "",
            "background": bool(command and command.background),
        },
    )
    if command and folder:
        await _launch(journal, step_id, folder, variables, secrets)
        if command.background:
            await record_end(journal, step_id)


async def follow(
    journal: Journal, step_id: str, *, secrets: Sequence[str]
) -> AsyncIterator[OutputArrived]:
    """Yield the output from its beginning until the command has ended, and record how."""
    transcript = Transcript(secrets)
    async for chunk in _tail(journal, step_id):
        if text := transcript.feed(chunk):
            yield OutputArrived(text)
    if text := transcript.close():
        yield OutputArrived(text)
    await record_end(journal, step_id)


async def follow_terminal(journal: Journal, step_id: str) -> AsyncIterator[TerminalPrinted]:
    """Yield what the command prints on its terminal until it has ended, and record how."""
    async for chunk in _tail(journal, step_id, behind=_TERMINAL_BEHIND):
        yield TerminalPrinted(chunk)
    await record_end(journal, step_id)


async def record_end(journal: Journal, step_id: str) -> None:
    """Record how the command ended, if it has: also one that ended while no console looked.

    Of a command that was left running in the background, record that it is. A console that
    follows leaves one alone which has not begun yet: the driver has recorded its start, and is
    about to start it.
    """
    record = journal.step(step_id)
    if not record.command_runs or record.host != socket.gethostname():
        return
    folder = Path(record.folder)
    found = await asyncio.to_thread(supervision.look, folder, claim=journal.drives)
    if record.background and found in (Supervision.LIVES, Supervision.ENDED):
        await journal.note_fact("step.left-running", {"step": step_id})
        await record_ends_behind(journal)
        return
    match found:
        case Supervision.ENDED:
            await _record_ending(journal, step_id, folder)
        case Supervision.LOST:
            await _record_doubt(journal, step_id, folder)
        case Supervision.NEVER_BEGAN:
            await _record_failure_to_begin(journal, step_id, "it never began")


async def record_ends_behind(journal: Journal) -> None:
    """Record how commands ended that were left running in the background, as far as they have."""
    for record in journal.run.behind:
        if record.host != socket.gethostname():
            continue
        folder = Path(record.folder)
        match await asyncio.to_thread(supervision.look, folder):
            case Supervision.ENDED:
                ending = await asyncio.to_thread(supervision.ending, folder)
                await journal.note_fact("background.finished", _ending_body(record.id, ending))
            case Supervision.LOST | Supervision.NEVER_BEGAN:
                reason = await _loss(folder)
                await journal.note_fact(
                    "background.finished", _no_ending_body(journal, record.id, reason)
                )


async def output_of(record: StepRecord, secrets: Sequence[str] = ()) -> str:
    """Return the output of the step's command so far, clean and without secrets."""
    raw = await asyncio.to_thread(supervision.output, Path(record.folder))
    transcript = Transcript(secrets)
    return transcript.feed(raw) + transcript.close()


async def _lay_out(
    journal: Journal, step_id: str, command: Command, runs_dir: Path, grace_s: float
) -> Path:
    attempt = journal.step(step_id).attempt
    folder = runs_dir / journal.run.id / f"{step_id}-{attempt}-{randomness.token_hex(3)}"
    spec = CommandSpec(
        argv=["bash", "-euo", "pipefail", "-c", command.script],
        cwd=str(Path.cwd() / command.cwd),
        timeout_s=command.timeout_s,
        grace_s=grace_s,
        terminal=command.interactive,
    )
    await asyncio.to_thread(supervision.lay_out, folder, spec)
    return folder


async def _launch(
    journal: Journal,
    step_id: str,
    folder: Path,
    variables: Mapping[str, str],
    secrets: Sequence[str],
) -> None:
    try:
        await asyncio.to_thread(
            lambda: supervision.launch(folder, env=dict(variables), secrets=secrets)
        )
    except RunError as error:
        # It may have begun all the same; then it is followed like any other.
        if await asyncio.to_thread(supervision.look, folder) is Supervision.NEVER_BEGAN:
            await _record_failure_to_begin(journal, step_id, error.what)


async def _tail(
    journal: Journal, step_id: str, *, behind: int = supervision.BEHIND
) -> AsyncIterator[bytes]:
    record = journal.step(step_id)
    if record.host != socket.gethostname():
        raise RunError(
            f"step {record.id} runs on {record.host}", fix=f"Open the console on {record.host}"
        )
    await supervision.until_begun(Path(record.folder))
    async for chunk in supervision.tail(Path(record.folder), behind=behind):
        yield chunk


async def _record_ending(journal: Journal, step_id: str, folder: Path) -> None:
    try:
        ending = await asyncio.to_thread(supervision.ending, folder)
    except RunError as error:
        await journal.note_fact("step.in-doubt", {"step": step_id, "reason": error.what})
        return
    await journal.note_fact("step.finished", _ending_body(step_id, ending))


async def _record_doubt(journal: Journal, step_id: str, folder: Path) -> None:
    await journal.note_fact("step.in-doubt", {"step": step_id, "reason": await _loss(folder)})


async def _record_failure_to_begin(journal: Journal, step_id: str, reason: str) -> None:
    body = _no_ending_body(journal, step_id, redact(f"nothing was run: {reason}"))
    await journal.note_fact("step.finished", body)


async def _loss(folder: Path) -> str:
    reason = "its supervisor is gone and left no word of how the command ended"
    if group := await asyncio.to_thread(supervision.surviving_group, folder):
        reason += f"; process group {group} still runs"
    return reason


def _ending_body(step_id: str, ending: Ending) -> dict[str, object]:
    return {
        "step": step_id,
        "exit_code": ending.exit_code,
        "ended_at": ending.ended_at.isoformat(),
        "reason": ending.reason,
    }


def _no_ending_body(journal: Journal, step_id: str, reason: str) -> dict[str, object]:
    return {
        "step": step_id,
        "exit_code": None,
        "ended_at": journal.clock.now().isoformat(),
        "reason": reason,
    }
