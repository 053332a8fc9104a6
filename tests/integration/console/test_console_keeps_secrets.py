"""None of five hundred secrets is on a screen, in a folder, in the record or in an export of it."""

import html
import os
import re
import subprocess
import sys
from pathlib import Path

from textual.pilot import Pilot

from procedures.environment import Environment, Method, Tier
from procedures.runbook.parser import parse
from tests.live_console import live_console, screen_text, until
from tests.scripted import settle
from tests.secrets_corpus import corpus, declared, leaks
from tests.walking import confirm, on_top, say
from tui.screens.run_facts import RunFactsScreen
from tui.screens.walk import WalkScreen
from widgets.text_view import TextView

SAMPLES = corpus()
DECLARED = declared(SAMPLES)

DOCUMENT = """\
---
id: print-all
title: Print all
theme: common-issues
summary: Prints what nobody may see.
methods: [docker]
duration: 5m
rollback: print-all
---

## Phase 1: Print {budget=2m}

### Print everything

```sh {timeout=60s}
cat "$SOURCE"
echo printed >&2
```

### Print it in colour, and fail

```sh {level=change affects="nothing" timeout=60s}
sed 's/^/\\x1b[31m/; s/$/\\x1b[0m/' "$SOURCE" >&2
exit 7
```
"""


class Captures:
    """Everything that a screen has shown."""

    def __init__(self) -> None:
        self.text = ""

    def take(self, pilot: Pilot[int]) -> None:
        """Add what is visible, what can be scrolled to, and the exported picture."""
        picture = html.unescape(re.sub("<[^>]*>", "", pilot.app.export_screenshot()))
        pages = pilot.app.screen.query(TextView)
        lines = ["".join(text for text, _ in line) for page in pages for line in page.lines]
        self.text += "\n".join([screen_text(pilot), picture.replace("\xa0", " "), *lines])


def environment(tmp_path: Path) -> Environment:
    source = tmp_path / "source"
    source.write_text("".join(f"{sample.printed}\n" for sample in SAMPLES))
    known = {f"SERVICE_{n}_TOKEN": value for n, value in enumerate(DECLARED)}
    return Environment(
        name="here",
        tier=Tier.STAGING,
        method=Method.DOCKER,
        facts={"SOURCE": str(source), **known},
    )


def below(folder: Path) -> bytes:
    return b"".join(each.read_bytes() for each in folder.rglob("*") if each.is_file())


def exported(state: Path, *words: str) -> bytes:
    """Return what a command of the program prints about the record."""
    variables = {**os.environ, "QUARTERDECK_STATE": str(state), "XDG_CONFIG_HOME": str(state)}
    program = [sys.executable, "-m", "tui", *words]
    done = subprocess.run(program, env=variables, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_no_secret_is_found_anywhere_after_a_walk(tmp_path: Path) -> None:
    state, captures = tmp_path / "state", Captures()
    state.mkdir()
    async with live_console(environment(tmp_path), state, size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.app.push_screen(WalkScreen(parse(DOCUMENT, Path("common-issues/print-all.md"))))
        await until(pilot, lambda: "Enter begins" in screen_text(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "0 of 2 steps done" in screen_text(pilot))
        await settle(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "✓ 1. Print everything" in screen_text(pilot))
        await settle(pilot)
        await pilot.pause(0.1)
        captures.take(pilot)
        assert "printed" in captures.text
        for secret in DECLARED[:3]:
            await pilot.press("n")
            await say(pilot, f"the token is {secret} it seems")
            await settle(pilot)
        await pilot.press("enter")
        await confirm(pilot)
        await until(pilot, lambda: "× 2. Print it in colour" in screen_text(pilot))
        await settle(pilot)
        await pilot.pause(0.1)
        captures.take(pilot)
        await pilot.press("e")
        await on_top(pilot, RunFactsScreen)
        await pilot.pause()
        captures.take(pilot)
        assert "the token is" in captures.text

    assert leaks(SAMPLES, captures.text) == []
    assert leaks(SAMPLES, below(state)) == []
    for form in ("jsonl", "csv"):
        export = exported(state, "ledger", "export", "--format", form)
        assert b"the token is" in export
        assert leaks(SAMPLES, export) == []
    assert leaks(SAMPLES, exported(state, "runs", "list", "--json")) == []
