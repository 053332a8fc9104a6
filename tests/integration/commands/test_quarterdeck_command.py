"""The shipped command, run as a process."""

import asyncio
import json
import os
import select
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from procedures.clock import SystemClock
from procedures.environment import Method
from procedures.ledger.event import Draft
from procedures.ledger.sqlite_ledger import SqliteLedger
from procedures.sandbox.launcher import start

Quarterdeck = Callable[..., subprocess.CompletedProcess[str]]

SETTINGS = '[environment.dev]\ntier = "development"\nmethod = "docker"\n'


@pytest.fixture
def quarterdeck(tmp_path: Path) -> Quarterdeck:
    """Run the command in a home of its own, without a terminal."""
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "PYTHONWARNINGS": "error",
    }

    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tui", *words],
            env={**variables, **more},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def service() -> Iterator[str]:
    """Serve a health report on loopback; every other path is missing."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/health"
            body = json.dumps({"status": "healthy"}).encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def write_settings(tmp_path: Path, lines: str) -> Path:
    path = tmp_path / ".config/quarterdeck/settings.toml"
    path.parent.mkdir(parents=True)
    path.write_text(SETTINGS + lines)
    return path


@pytest.mark.parametrize(
    "words",
    [[], ["demo"], ["check"], ["config"], ["config", "check"], ["ledger"], ["ledger", "verify"]],
)
def test_every_command_teaches_itself(quarterdeck: Quarterdeck, words: list[str]) -> None:
    done = quarterdeck(*words, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(" ".join(["usage: quarterdeck", *words]))
    assert "examples:" in done.stdout or "exit status:" in done.stdout


def test_the_version_needs_nothing_heavy() -> None:
    code = (
        "import sys; from tui.__main__ import main\n"
        "try: main(['--version'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'asyncio', 'httpx', 'rich', 'sqlite3', 'textual'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines() == ["quarterdeck 0.1.0", "[]"]


def test_a_misspelt_command_is_answered_on_standard_error(quarterdeck: Quarterdeck) -> None:
    done = quarterdeck("chekc")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1] == "  Did you mean 'check'?"


def test_without_settings_the_first_steps_are_named(quarterdeck: Quarterdeck) -> None:
    done = quarterdeck()
    assert done.returncode == 3
    assert "settings.toml does not exist" in done.stderr
    assert "quarterdeck config init" in done.stderr


def test_a_check_that_cannot_look_is_unknown_and_says_so_on_standard_output(
    quarterdeck: Quarterdeck,
) -> None:
    done = quarterdeck("check")
    assert done.returncode == 3
    assert done.stdout.startswith("QUARTERDECK UNKNOWN - ")
    done = quarterdeck("check", "--json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["state"] == "unknown"


def test_the_settings_file_is_written_for_its_owner_alone_and_never_overwritten(
    quarterdeck: Quarterdeck, tmp_path: Path
) -> None:
    path = tmp_path / ".config/quarterdeck/settings.toml"
    assert quarterdeck("config", "init", "--no-detect").returncode == 0
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("mine")
    refused = quarterdeck("config", "init", "--no-detect")
    assert refused.returncode == 2
    assert "exists already" in refused.stderr
    assert path.read_text() == "mine"
    assert quarterdeck("config", "init", "--blank", "--force").returncode == 0
    assert [each.name for each in path.parent.iterdir()] == ["settings.toml"]
    shown = quarterdeck("config", "show")
    assert shown.returncode == 0
    assert "environment local" in shown.stdout


def test_a_secret_that_others_can_read_is_refused_until_the_mode_is_right(
    quarterdeck: Quarterdeck, tmp_path: Path
) -> None:
    line = 'prometheus = { url = "http://127.0.0.1:1", bearer = "s3cret" }\n'
    path = write_settings(tmp_path, line)
    path.chmod(0o640)
    refused = quarterdeck("config", "show")
    assert refused.returncode == 2
    assert f"{path}:4: environment.dev.prometheus.bearer: is a secret" in refused.stderr
    assert f"Run: chmod 600 {path}" in refused.stderr
    path.chmod(0o600)
    shown = quarterdeck("config", "show")
    assert shown.returncode == 0
    assert "bearer from the settings file" in shown.stdout
    assert "s3cret" not in shown.stdout + refused.stderr


def test_settings_are_tried_address_by_address(
    quarterdeck: Quarterdeck, tmp_path: Path, service: str
) -> None:
    path = write_settings(tmp_path, f'health = "{service}/health"\ndata_dir = "/"\n')
    done = quarterdeck("config", "check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{path}: valid" in done.stdout
    assert f"ok      dev.health  {service}/health: answers 200" in done.stdout
    path.write_text(f'{SETTINGS}metrics = ["{service}", "http://127.0.0.1:1"]\ndata_dir = "x"\n')
    done = quarterdeck("config", "check", "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert [each["key"] for each in told["trials"]] == ["metrics", "metrics", "data_dir"]
    assert [each["passed"] for each in told["trials"]] == [False, False, False]
    assert all(each["fix"] for each in told["trials"])


def test_settings_that_cannot_be_used_fail_the_trial(
    quarterdeck: Quarterdeck, tmp_path: Path
) -> None:
    write_settings(tmp_path, 'healht = "x"\n')
    done = quarterdeck("config", "check")
    assert done.returncode == 1
    assert "Did you mean 'health'?" in done.stderr
    done = quarterdeck("config", "check", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["passed"] is False


def record(state: Path) -> Path:
    path = state / "ledger.db"
    ledger = SqliteLedger(path, clock=SystemClock())
    for word in ("one", "two"):
        ledger.append(
            Draft(kind="run.noted", subject="r", environment="dev", operator="o", body={"w": word})
        )
    ledger.close()
    return path


def test_an_intact_ledger_is_verified(quarterdeck: Quarterdeck, tmp_path: Path) -> None:
    path = record(tmp_path)
    done = quarterdeck("ledger", "verify", QUARTERDECK_STATE=str(tmp_path))
    assert (done.returncode, done.stdout) == (0, f"{path}: intact, 2 events\n")


def test_a_tampered_ledger_is_broken_at_the_event_that_was_changed(
    quarterdeck: Quarterdeck, tmp_path: Path
) -> None:
    path = record(tmp_path)
    with sqlite3.connect(path) as connection:
        for (trigger,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("UPDATE event SET operator = 'somebody else' WHERE seq = 2")
    connection.close()
    done = quarterdeck("ledger", "verify", QUARTERDECK_STATE=str(tmp_path))
    assert done.returncode == 1
    assert "BROKEN at event 2" in done.stdout
    done = quarterdeck("ledger", "verify", "--json", QUARTERDECK_STATE=str(tmp_path))
    assert done.returncode == 1
    assert json.loads(done.stdout)["broken_at"] == 2


def test_a_missing_ledger_is_an_error_and_not_an_empty_one(
    quarterdeck: Quarterdeck, tmp_path: Path
) -> None:
    done = quarterdeck("ledger", "verify", QUARTERDECK_STATE=str(tmp_path))
    assert done.returncode == 2
    assert "there is no ledger" in done.stderr
    assert not (tmp_path / "ledger.db").exists()


def has_ended(pid: int) -> bool:
    """Tell whether a process that is not our child has ended, be it reaped or not."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 15)[0])
    finally:
        os.close(handle)


def test_a_demo_without_a_terminal_is_one_dashboard_and_leaves_nothing_running(
    quarterdeck: Quarterdeck, tmp_path: Path
) -> None:
    done = quarterdeck("demo", "--method", "systemd", "--fault", "cache-down")
    assert done.returncode == 2, done.stderr
    assert done.stdout.startswith("QUARTERDECK  SANDBOX  sandbox  systemd")
    assert "redis does not answer" in done.stdout
    found = json.loads((tmp_path / ".local/state/quarterdeck/sandbox/sandbox.json").read_text())
    assert has_ended(found["pid"])


async def test_a_check_and_a_dashboard_tell_of_the_service_that_the_settings_name(
    quarterdeck: Quarterdeck, tmp_path: Path
) -> None:
    sandbox = await start(tmp_path / "sandbox", method=Method.DOCKER)
    try:
        service = sandbox.environment
        assert service.health is not None
        metrics = [endpoint.url for endpoint in service.metrics]
        write_settings(tmp_path, f'health = "{service.health.url}"\nmetrics = {metrics}\n')
        done = await asyncio.to_thread(quarterdeck, "check", "--json")
        told = json.loads(done.stdout)
        plugin = await asyncio.to_thread(quarterdeck, "check")
        dashboard = await asyncio.to_thread(quarterdeck)
    finally:
        await sandbox.stop()
    values = {each["id"]: each["value"] for each in told["indicators"]}
    assert values["availability"] == 100.0
    assert values["error-rate"] is not None
    assert told["health"]["word"] == "healthy"
    assert ["ok", "warning", "critical", "unknown"][done.returncode] == told["state"]
    assert " | 'availability'=100%;99.9:;99: 'p95-latency'=" in plugin.stdout
    assert dashboard.stdout.startswith("QUARTERDECK  DEVELOPMENT  dev  docker")


def test_a_reader_who_has_left_ends_the_report_quietly(tmp_path: Path) -> None:
    record(tmp_path)
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "tui", "ledger", "verify"],
        env={**os.environ, "QUARTERDECK_STATE": str(tmp_path)},
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


def test_lint_names_file_line_and_rule_and_exits_1(
    quarterdeck: Quarterdeck, tmp_path: Path
) -> None:
    folder = tmp_path / "themes"
    folder.mkdir()
    document = folder / "look.md"
    document.write_text("---\nid: look\ntitle: Look\n---\n\n## P\n\n### S\n\n```sh\nrm x\n```\n")
    told = quarterdeck("lint", str(folder))
    assert (told.returncode, told.stderr) == (1, "")
    assert f"{document}:10: level-too-low declared read, but destructive" in told.stdout
    (found,) = [
        each
        for each in json.loads(quarterdeck("lint", "--json", str(document)).stdout)["complaints"]
        if each["code"] == "level-too-low"
    ]
    assert (found["line"], found["path"]) == (10, str(document))


def test_lint_of_nothing_is_an_error_and_of_the_catalogue_none(quarterdeck: Quarterdeck) -> None:
    gone = quarterdeck("lint", "gone")
    assert (gone.returncode, gone.stdout) == (2, "")
    assert "gone does not exist" in gone.stderr
    listed = quarterdeck("lint", "--rules")
    assert listed.returncode == 0
    assert "secret-shown" in listed.stdout


def test_risk_explains_a_command_without_running_it(
    quarterdeck: Quarterdeck, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.touch()
    told = quarterdeck("risk", "--", f"ls; rm {victim}")
    assert told.returncode == 0
    assert told.stdout.startswith("destructive  ls; rm ")
    assert "deletes files" in told.stdout
    assert victim.exists()


def test_risk_answers_line_for_line(quarterdeck: Quarterdeck, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tui", "risk", "--json", "-"],
        input=b"ls\n\nkubectl delete pod x\nodd \xff byte\n",
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[3])},
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["command"] for each in answers[:3]] == ["ls", "", "kubectl delete pod x"]
    assert [each["level"] for each in answers[:3]] == ["read", "read", "destructive"]
    assert answers[2]["findings"][0]["reason"] == "deletes objects"
    assert len(answers) == 4


def test_risk_of_loose_words_is_refused_with_advice(quarterdeck: Quarterdeck) -> None:
    told = quarterdeck("risk", "--", "rm", "-rf", "x")
    assert told.returncode == 2
    assert "single quotes" in told.stderr


def test_schema_prints_a_json_schema(quarterdeck: Quarterdeck) -> None:
    told = quarterdeck("schema")
    assert json.loads(told.stdout)["properties"]["id"]["pattern"]
