"""What the verbs of ``quarterdeck ledger`` do."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from procedures.errors import LedgerConflictError, LedgerError, LedgerUnreachableError
from tui.commands.ledger_place import LedgerPlace, chosen_place

if TYPE_CHECKING:
    from procedures.ledger.chain import Record
    from procedures.ledger.event import Ledger
    from procedures.ledger.outbox import Kept

_PATIENCE_S = 1.0
"""Seconds after which a walk begins to tell how far it is."""

_TELL_EVERY = 10_000
"""Events between two words about how far a walk is."""


def run_status(arguments: argparse.Namespace) -> int:
    """Print size, time, last verification and what waits; the ledger is only read."""
    from procedures.ledger.watermark import noted

    place = chosen_place(arguments)
    waiting = place.waiting()
    try:
        with _opened(place) as ledger:
            count = ledger.mark().seq
            first = next(ledger.records(), None)
            last = next(ledger.records(after_seq=count - 1), None)
    except LedgerUnreachableError:
        if not arguments.json:
            _tell_waiting(waiting)
        raise
    mark = noted(place.watermark)
    verified_at = datetime.fromtimestamp(place.watermark.stat().st_mtime, UTC) if mark else None
    told = {
        "ledger": place.name,
        "events": count,
        "first_at": first.at if first else None,
        "last_at": last.at if last else None,
        "size_bytes": place.size_bytes(),
        "verified_to": mark.seq if mark else 0,
        "verified_at": verified_at.isoformat(timespec="seconds") if verified_at else None,
        "waiting": len(waiting),
        "waiting_since": waiting[0].at.isoformat(timespec="seconds") if waiting else None,
    }
    if arguments.json:
        print(json.dumps(told, indent=2))
        return 0
    size = f", {told['size_bytes']:,} bytes" if place.address is None else ""
    print(f"{place.name}: {count} events{size}")
    if first and last:
        print(f"  recorded from {_shown(first.at)} to {_shown(last.at)}")
    verified = f"up to event {mark.seq}, {verified_at:%Y-%m-%d %H:%M} UTC" if mark else "never"
    print(f"  last verified: {verified}")
    _tell_waiting(waiting)
    return 0


def run_verify(arguments: argparse.Namespace) -> int:
    """Print whether the chain holds; the ledger is only read."""
    from procedures.ledger.watermark import verify_whole

    place = chosen_place(arguments)
    with _opened(place) as ledger, _progress(ledger.mark().seq) as passed:
        place.make_room()
        found = verify_whole(ledger, place.watermark, accept=arguments.accept, passed=passed)
    intact = found.broken_at is None
    if arguments.json:
        told = {
            "ledger": place.name,
            "intact": intact,
            "events": found.events,
            "broken_at": found.broken_at,
            "problem": found.problem,
        }
        print(json.dumps(told, indent=2))
    elif intact:
        print(f"{place.name}: intact, {found.events} events")
    else:
        print(f"{place.name}: BROKEN at event {found.broken_at}: {found.problem}")
        kept = "file" if place.address is None else "database"
        print(f"  Keep the {kept} as it is, and compare it with a copy; if it was restored from an")
        print("  older copy, say so: `quarterdeck ledger verify --accept`")
    return 0 if intact else 1


def run_export(arguments: argparse.Namespace) -> int:
    """Write the events that are asked for, one at a time."""
    from procedures.ledger.chain import written
    from procedures.ledger.lines import csv_lines, json_lines

    since = written(arguments.since) if arguments.since else ""
    with _opened(chosen_place(arguments)) as ledger:
        records: Iterator[Record] = ledger.records(after_seq=arguments.after)
        if since:
            records = (record for record in records if str(record.at) >= since)
        if arguments.subject:
            records = (record for record in records if record.subject == arguments.subject)
        lines = csv_lines(records) if arguments.format == "csv" else json_lines(records)
        if arguments.output is None:
            _write_out(lines)
        else:
            _write_new(arguments.output, lines)
            print(f"Written: {arguments.output}")
    return 0


def run_import(arguments: argparse.Namespace) -> int:
    """Take over all events of a file, or none."""
    import shutil
    from tempfile import TemporaryFile

    from procedures.ledger.intake import RefusedLineError, take_in

    place = chosen_place(arguments)
    name = "standard input" if arguments.file == "-" else arguments.file
    try:
        # The lines are read twice; a pipe can be read once.
        with TemporaryFile() if arguments.file == "-" else Path(name).open("rb") as file:
            if arguments.file == "-":
                shutil.copyfileobj(sys.stdin.buffer, file)
                file.seek(0)
            with _opened(place, read_only=False) as ledger:
                intake = take_in(ledger, file, name=name)
    except OSError as error:
        raise LedgerError(
            f"{name} cannot be read: {error.strerror}", fix="Name a file that was exported as jsonl"
        ) from error
    except (RefusedLineError, LedgerConflictError):
        arguments.failure_status = 1
        raise
    present = f", {intake.present} were there already" if intake.present else ""
    print(f"{place.name}: {intake.added} events added{present}")
    return 0


@contextmanager
def _opened(place: LedgerPlace, *, read_only: bool = True) -> "Iterator[Ledger]":
    from procedures.clock import SystemClock
    from procedures.ledger.choose import open_ledger

    ledger = open_ledger(place.path, place.address, clock=SystemClock(), read_only=read_only)
    try:
        yield ledger
    finally:
        ledger.close()


def _tell_waiting(waiting: "Sequence[Kept]") -> None:
    if waiting:
        print(f"  {len(waiting)} facts wait on this machine to be shared, since")
        print(f"  {_shown(waiting[0].at.isoformat())}: open their runs again to share them")


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """Tell on a terminal how far a walk is, if it takes long; remove that when it ends."""
    from time import monotonic

    begun = monotonic()
    shows = sys.stderr.isatty()
    told = ""

    def passed(seq: int) -> None:
        nonlocal told
        if shows and seq % _TELL_EVERY == 0 and monotonic() - begun > _PATIENCE_S:
            told = f"{seq:,} of {total:,} events"
            sys.stderr.write(f"\r{told}")
            sys.stderr.flush()

    try:
        yield passed
    finally:
        if told:
            sys.stderr.write(f"\r{' ' * len(told)}\r")


def _write_out(lines: Iterable[str]) -> None:
    try:
        for line in lines:
            sys.stdout.buffer.write(line.encode())
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise LedgerError(
            f"standard output cannot be written: {error.strerror}",
            fix="Check the free space where it goes",
        ) from error


def _write_new(path: Path, lines: Iterable[str]) -> None:
    """Write a file that only its owner can read; LedgerError if it exists or cannot be written."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            try:
                file.writelines(lines)
                file.flush()
            except BaseException:
                path.unlink()  # half an export must not be taken for a whole one
                raise
    except FileExistsError as error:
        raise LedgerError(f"{path} exists already", fix="Choose another name") from error
    except OSError as error:
        raise LedgerError(
            f"{path} cannot be written: {error.strerror}",
            fix="Check its directory and the free space",
        ) from error


def _shown(at: object) -> str:
    from procedures.execution.cleaning import clean_line

    return clean_line(str(at)[:16].replace("T", " ")) + " UTC"
