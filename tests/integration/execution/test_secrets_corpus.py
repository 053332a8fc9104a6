"""None of five hundred secrets that commands print is found anywhere afterwards."""

import asyncio
import json
import os
import random
from pathlib import Path

import pytest

from procedures.clock import SystemClock
from procedures.execution.command import supervision
from procedures.execution.command.supervision import CommandSpec
from procedures.execution.command.transcript import Transcript
from procedures.execution.secrets.redaction import Redactor, redact
from procedures.ledger.event import Draft
from procedures.ledger.sqlite_ledger import SqliteLedger
from tests.secrets_corpus import COUNT, corpus, declared, leaks

SAMPLES = corpus()
DECLARED = declared(SAMPLES)
PRINTED = "".join(f"{sample.printed}\n" for sample in SAMPLES).encode()

# Each line in pieces, some of them after a pause in which what is held back is flushed.
IN_PIECES = """
n=0
while IFS= read -r line; do
    n=$((n + 1))
    cut=$((n % 11))
    printf '%s' "${line:0:cut}"
    ((n % 100)) || sleep 0.3
    printf '%s\\n' "${line:cut}"
done < "$SOURCE"
printf 'last of %s: ' "$n"
"""


def everything_below(folder: Path) -> bytes:
    """Return the names and the bytes of all files, pipes left out."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return b"".join(os.fsencode(path) + b"\n" + path.read_bytes() + b"\n" for path in files)


def test_the_corpus_is_what_it_says() -> None:
    assert len(SAMPLES) == COUNT
    assert leaks(SAMPLES, PRINTED.replace(b"\x1b[1;31m", b"").replace(b"\x1b[0m", b"")) == [
        f"{sample.kind}: {sample.telling!r}" for sample in SAMPLES
    ]
    assert len({sample.kind for sample in SAMPLES}) > 40


@pytest.mark.parametrize("seed", range(10))
def test_no_secret_passes_the_redactor_however_the_output_is_cut(seed: int) -> None:
    rng = random.Random(seed)
    redactor, shown, position = Redactor(DECLARED), b"", 0
    while position < len(PRINTED):
        size = rng.choice([1, 3, 17, 200, 5000])
        shown += redactor.feed(PRINTED[position : position + size])
        position += size
    shown += redactor.close()
    assert leaks(SAMPLES, shown) == []
    assert shown.count("••••".encode()) >= COUNT


@pytest.mark.parametrize("script", ['cat "$SOURCE"', IN_PIECES], ids=["at once", "in pieces"])
async def test_no_secret_that_a_command_prints_is_kept_or_shown(
    tmp_path: Path, script: str
) -> None:
    source, folder = tmp_path / "source", tmp_path / "run" / "step"
    source.write_bytes(PRINTED)
    specification = CommandSpec(
        argv=["bash", "-euo", "pipefail", "-c", script], cwd="/", timeout_s=60
    )
    supervision.lay_out(folder, specification)
    env = {"PATH": os.environ["PATH"], "SOURCE": str(source), "LANG": "C.UTF-8"}
    # The command is given secrets too: they are on no disk either.
    env |= {f"SECRET_{number}": value for number, value in enumerate(DECLARED)}
    supervision.launch(folder, env=env, secrets=DECLARED)
    transcript = Transcript(DECLARED)
    async with asyncio.timeout(60):
        shown = "".join([transcript.feed(chunk) async for chunk in supervision.tail(folder)])
    shown += transcript.close()
    assert supervision.ending(folder).exit_code == 0
    assert shown.count("••••") > COUNT // 2  # the output did come through
    assert leaks(SAMPLES, shown) == []
    assert leaks(SAMPLES, everything_below(tmp_path / "run")) == []


def test_no_secret_in_what_is_recorded_is_in_the_ledger_or_in_an_export(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "state" / "ledger.db", clock=SystemClock())
    try:
        for sample in SAMPLES:
            body = {"text": redact(sample.printed, DECLARED)}
            ledger.append(
                Draft(kind="note.added", subject="r", environment="e", operator="o", body=body)
            )
        exported = "\n".join(json.dumps(dict(event.body)) for event in ledger.events())
    finally:
        ledger.close()
    assert leaks(SAMPLES, exported) == []
    assert leaks(SAMPLES, json.dumps(exported, ensure_ascii=False)) == []
    assert leaks(SAMPLES, everything_below(tmp_path / "state")) == []
