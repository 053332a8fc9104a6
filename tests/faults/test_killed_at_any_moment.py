"""Consoles and supervisors killed at any moment: nothing is done twice, nothing goes unrecorded."""

import itertools
import os
import secrets
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from procedures.sandbox.launcher import Sandbox
from tests.faults.moments import BY_THE_CLOCK, Moment, Story
from tests.faults.twenty_steps import BACKGROUND, DESTRUCTIVE, READING, STEPS
from tests.faults.yard import Yard

pytestmark = pytest.mark.faults

MOMENTS = int(os.environ.get("QUARTERDECK_FAULTS_MOMENTS", "200"))
SEED = os.environ.get("QUARTERDECK_FAULTS_SEED", "") or secrets.token_hex(4)
AT_ONCE = 5


class Campaign:
    """Runs under blows, several at once, until enough blows have come."""

    def __init__(self, folder: Path, sandbox: Path) -> None:
        self.moments: dict[int, list[Moment]] = {}
        self.faults: list[str] = []
        self._folder = folder
        self._sandbox = sandbox
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def play(self) -> None:
        """Play until MOMENTS blows have come."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for each in [pool.submit(self._work) for _ in range(AT_ONCE)]:
                each.result()

    def _work(self) -> None:
        with Yard() as yard:
            while not self.faults and sum(map(len, self.moments.values())) < MOMENTS:
                with self._lock:
                    number = next(self._numbers)
                self._tell(number, yard)

    def _tell(self, number: int, yard: Yard) -> None:
        story = Story(
            number, seed=SEED, folder=self._folder / f"run-{number}", sandbox=self._sandbox
        )
        try:
            faults = story.play(yard)
        except Exception:  # noqa: BLE001 - whatever it is, this run failed by it
            faults = [traceback.format_exc()]
        moments = list(story.moments())
        with self._lock:
            self.moments[number] = moments
            self.faults += [f"run {number}: {fault}" for fault in faults]


def test_killed_at_any_moment_nothing_is_done_twice_and_nothing_goes_unrecorded(
    sandbox: Sandbox, sandbox_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign = Campaign(tmp_path, sandbox_dir)
    campaign.play()
    every = tmp_path / "moments.txt"
    every.write_text("".join(_lines(campaign.moments)))
    with capsys.disabled():
        moments = [each for told in campaign.moments.values() for each in told]
        head = f"{len(moments)} moments in {len(campaign.moments)} runs, seed {SEED}; {every}"
        sys.stdout.write(f"\n{head}\n{_table(moments)}\n")
    told = f"QUARTERDECK_FAULTS_SEED={SEED} brings it back; {every} lists the moments"
    assert not campaign.faults, "\n".join([*campaign.faults, told])
    _require_single_effects(sandbox, tmp_path)


def _require_single_effects(sandbox: Sandbox, folder: Path) -> None:
    """Ask the service itself how often each of its configurations was written."""
    assert sandbox.environment.api is not None
    with httpx.Client(base_url=f"{sandbox.environment.api.url}/api/v1/configs") as http:
        for run in folder.glob("run-*"):
            for step in STEPS:
                if step in READING:
                    continue
                written = http.get(f"/{run.name}/{step}/history", params={"env": "staging"})
                if step == BACKGROUND and written.status_code == 404:
                    continue
                versions = [each["version"] for each in written.json()]
                assert versions == [1], f"{run.name} {step}: {versions}"
            for step in DESTRUCTIVE:
                draft = http.get(f"/{run.name}/draft-{step}", params={"env": "staging"})
                assert draft.status_code == 404


def _lines(moments: dict[int, list[Moment]]) -> Iterator[str]:
    for number, told in sorted(moments.items()):
        for each in told:
            place = each.strike.place or BY_THE_CLOCK
            yield (
                f"run {number:3} {each.strike.victim:10} {place:44} "
                f"{each.step or '-':18} {each.found:10} -> {each.became}\n"
            )


def _table(moments: Sequence[Moment]) -> str:
    columns = sorted({each.became for each in moments})
    counts = Counter((_row(each), each.became) for each in moments)
    counts.update(("all", each.became) for each in moments)
    rows = [*sorted({row for row, _ in counts} - {"all"}), "all"]
    width = max(len(row) for row in rows)
    lines = [f"{'':{width}}  " + "  ".join(columns)]
    for row in rows:
        cells = (f"{counts[row, column] or '·':>{len(column)}}" for column in columns)
        lines.append(f"{row:{width}}  " + "  ".join(cells))
    return "\n".join(lines)


def _row(moment: Moment) -> str:
    return f"{moment.strike.place or BY_THE_CLOCK} × {moment.strike.victim}"
