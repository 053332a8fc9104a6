"""A home with settings, documents and a record of its own, in which commands are run."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from procedures.clock import SystemClock
from procedures.environment import Environment, Method, Tier
from procedures.execution.checks.checks import CheckRunner
from procedures.execution.policy.policy import Operator
from procedures.execution.policy.policy_file import load_policy
from procedures.execution.record.station import Station
from procedures.execution.walking.walk import Walk
from procedures.ledger.event import Event
from procedures.ledger.sqlite_ledger import SqliteLedger
from procedures.runbook.documents import read_document
from procedures.runbook.model import Procedure

HEAD = """\
---
id: {id}
title: {id}
theme: common-issues
summary: For a test.
methods: [docker]
duration: 5m
reviewed: 2026-01-01
{more}---
Before you begin.

## Phase 1: All {{budget=2m}}

"""
ENVIRONMENT = "here"


class Workshop:
    """One operator's home below ``path``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.state = path / "state"
        self.documents = path / "documents"
        self.settings = path / "settings.toml"
        self.configure()

    @property
    def variables(self) -> dict[str, str]:
        """The environment of the commands."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.path),
            "LANG": "C.UTF-8",
            "QUARTERDECK_STATE": str(self.state),
            "QUARTERDECK_CONFIG": str(self.settings),
            "PYTHONPATH": str(Path(__file__).parents[3]),
            "PYTHONWARNINGS": "error",
        }

    def configure(self, *, tier: str = "staging", policy: str = "") -> None:
        """Write the settings, and a policy if there is to be one."""
        named = 'policy = "policy.toml"\n' if policy else ""
        (self.path / "policy.toml").write_text(policy)
        self.settings.write_text(
            f'{named}[procedures]\ndirectories = ["documents"]\nshipped = false\n'
            f'[environment.{ENVIRONMENT}]\ntier = "{tier}"\nmethod = "docker"\n'
            'health = "http://127.0.0.1:9/health"\n'
            f'facts = {{ PLACE = "{self.path}" }}\n'
        )

    def write(self, id: str, steps: str, *, more: str = "") -> Path:
        """Write a document; ``more`` are lines of its front matter."""
        path = self.documents / "common-issues" / f"{id}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEAD.format(id=id, more=more) + steps)
        return path

    def argv(self, *words: str) -> list[str]:
        """Return the command line of ``quarterdeck WORDS``."""
        return [sys.executable, "-m", "tui", *words]

    def run(self, *words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end, without a terminal."""
        return subprocess.run(
            self.argv(*words),
            env={**self.variables, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def told(self, *words: str, **variables: str) -> tuple[int, list[dict[str, Any]]]:
        """Run a command with ``--json``; return its exit status and its lines."""
        done = self.run(*words, "--json", **variables)
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    def asked(self, *words: str) -> Any:  # noqa: ANN401 - JSON is what it is
        """Run a command with ``--json`` that must succeed; return the object that it prints."""
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def run_id(self) -> str:
        """Return the id of the newest run."""
        return str(self.asked("runs", "list", "--all")["runs"][0]["id"])

    def events(self) -> Sequence[Event]:
        """Return everything that is recorded."""
        ledger = self.ledger()
        try:
            return ledger.events()
        finally:
            ledger.close()

    def kinds(self) -> list[str]:
        """Return the kinds of all events."""
        return [event.kind for event in self.events()]

    def ledger(self) -> SqliteLedger:
        """Open the record."""
        return SqliteLedger(self.state / "ledger.db", clock=SystemClock())

    async def begun_by(self, operator: str, id: str, *, console: str, asks_for: str = "") -> str:
        """Begin a run as somebody else would at a console of theirs; return its id.

        Args:
            operator: Who begins it.
            id: Of the procedure.
            console: Where.
            asks_for: Id of a step for which a second person is asked.
        """
        ledger = self.ledger()
        station = Station(
            ledger=ledger,
            clock=SystemClock(),
            operator=Operator(name=operator),
            console=console,
            state_dir=self.state,
            checks=CheckRunner(None, clock=SystemClock()),  # type: ignore[arg-type]
            policy=load_policy(self.path / "policy.toml"),
        )
        try:
            walk = await Walk.start(self.procedure(id), self.environment, {}, station=station)
            if asks_for:
                await walk.request_approval(asks_for)
        finally:
            ledger.close()
        return walk.run.id

    @property
    def environment(self) -> Environment:
        """Where the commands act."""
        return Environment(
            name=ENVIRONMENT,
            tier=Tier.STAGING,
            method=Method.DOCKER,
            facts={"PLACE": str(self.path)},
        )

    def procedure(self, id: str) -> Procedure:
        """Read a document."""
        return read_document(self.documents / "common-issues" / f"{id}.md").procedure
