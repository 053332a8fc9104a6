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
from procedures.execution import supervision
from procedures.execution.journal import Journal
from procedures.execution.preparation import Prepared
from procedures.execution.progress import OutputArrived
from procedures.execution.redaction import redact
from procedures.execution.run import StepRecord
from procedures.execution.supervision import CommandSpec, Supervision
from procedures.execution.transcript import Transcript


async def begin(
    journal: Journal,
    prepared: Prepared,
    *,
    variables: Mapping[str, str],
    runs_dir: Path,
    grace_s: float,
) -> None:
    """Record that the step starts, then start its command, if it has one."""
    step_id = prepared.step.id
    folder = ""
    if prepared.command:
        attempt = journal.step(step_id).attempt
        place = runs_dir / journal.run.id / f"{step_id}-{attempt}-{randomness.token_hex(3)}"
        spec = CommandSpec(
            argv=["bash", "-euo", "pipefail", "-c", prepared.script],
            env=dict(variables),
            cwd=str(Path.cwd() / prepared.command.cwd),
            timeout_s=prepared.command.timeout_s,
            grace_s=grace_s,
        )
        await asyncio.to_thread(supervision.lay_out, place, spec)
        folder = str(place)
    await journal.decide(
        "step.started",
        {
            "step": step_id,
            "level": prepared.level.value,
            "binding": prepared.binding,
            "folder": folder,
            "host": socket.gethostname() if folder else "",
        },
    )
    if folder:
        await _launch(journal, step_id, Path(folder))


async def follow(
    journal: Journal, step_id: str, *, secrets: Sequence[str]
) -> AsyncIterator[OutputArrived]:
    """Yield the output from its beginning until the command has ended, and record how."""
    transcript = Transcript(secrets)
    record = journal.step(step_id)
    _require_here(record)
    async for chunk in supervision.tail(Path(record.folder)):
        if text := transcript.feed(chunk):
            yield OutputArrived(text)
    if text := transcript.close():
        yield OutputArrived(text)
    await record_end(journal, step_id)


async def record_end(journal: Journal, step_id: str) -> None:
    """Record how the command ended, if it has: also one that ended while no console looked."""
    record = journal.step(step_id)
    if not record.command_runs or record.host != socket.gethostname():
        return
    folder = Path(record.folder)
    match await asyncio.to_thread(supervision.look, folder):
        case Supervision.ENDED:
            await _record_ending(journal, step_id, folder)
        case Supervision.LOST:
            await _record_doubt(journal, step_id, folder)
        case Supervision.NEVER_BEGAN:
            await _record_failure_to_begin(journal, step_id, "it never began")


async def output_of(record: StepRecord, secrets: Sequence[str] = ()) -> str:
    """Return the whole output of the step's command so far, clean and without secrets."""
    raw = await asyncio.to_thread(supervision.output, Path(record.folder))
    transcript = Transcript(secrets)
    return transcript.feed(raw) + transcript.close()


async def _launch(journal: Journal, step_id: str, folder: Path) -> None:
    try:
        await asyncio.to_thread(supervision.launch, folder)
    except RunError as error:
        # It may have begun all the same; then it is followed like any other.
        if await asyncio.to_thread(supervision.look, folder) is Supervision.NEVER_BEGAN:
            await _record_failure_to_begin(journal, step_id, error.what)


async def _record_ending(journal: Journal, step_id: str, folder: Path) -> None:
    try:
        ending = await asyncio.to_thread(supervision.ending, folder)
    except RunError as error:
        await journal.note_fact("step.in-doubt", {"step": step_id, "reason": error.what})
        return
    await journal.note_fact(
        "step.finished",
        {
            "step": step_id,
            "exit_code": ending.exit_code,
            "ended_at": ending.ended_at.isoformat(),
            "reason": ending.reason,
        },
    )


async def _record_doubt(journal: Journal, step_id: str, folder: Path) -> None:
    reason = "its supervisor is gone and left no word of how the command ended"
    if group := await asyncio.to_thread(supervision.surviving_group, folder):
        reason += f"; process group {group} still runs"
    await journal.note_fact("step.in-doubt", {"step": step_id, "reason": reason})


async def _record_failure_to_begin(journal: Journal, step_id: str, reason: str) -> None:
    await journal.note_fact(
        "step.finished",
        {
            "step": step_id,
            "exit_code": None,
            "ended_at": journal.clock.now().isoformat(),
            "reason": redact(f"nothing was run: {reason}"),
        },
    )


def _require_here(record: StepRecord) -> None:
    if record.host != socket.gethostname():
        raise RunError(
            f"step {record.id} runs on {record.host}", fix=f"Open the console on {record.host}"
        )
