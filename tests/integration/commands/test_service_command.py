"""``quarterdeck service``: what runs, its log, what changed, and acting on it; in the sandbox."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from procedures.environment import Method
from procedures.sandbox.launcher import start
from procedures.sandbox.pace import Pace
from tests.integration.commands.workshop import Workshop

PATIENCE_S = 60
APP = "llm-config-manager"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """A home in which a sandbox runs that poses as Kubernetes."""
    shop = Workshop(tmp_path_factory.mktemp("service"))
    quick = Pace(stop_s=0.1, start_s=0.2, dependency_start_s=0.1, warm_s=1.0)
    sandbox = asyncio.run(start(shop.state / "sandbox", method=Method.KUBERNETES, pace=quick))
    yield shop
    asyncio.run(sandbox.stop())


def ask(shop: Workshop, *words: str) -> subprocess.CompletedProcess[str]:
    return shop.run("service", *words, "--sandbox", "--method", "kubernetes")


def test_what_runs_is_listed_with_where_it_is_and_its_state(shop: Workshop) -> None:
    done = ask(shop, "list")
    assert done.returncode == 0, done.stderr
    head, names, *rows = done.stdout.splitlines()
    assert head == "sandbox: kubernetes, context sandbox · namespace llm-config"
    assert names.split()[:4] == ["NAME", "STATUS", "STATE", "READY"]
    assert rows[0].split()[:4] == [APP, "ok", "deployment", "3/3"]
    assert [row.split()[0] for row in rows if not row.startswith("   ")][:3] == [
        APP,
        "postgres",
        "redis",
    ]


def test_a_program_gets_the_same_as_json(shop: Workshop) -> None:
    told = json.loads(ask(shop, "list", "--json").stdout)
    (target,) = told["targets"]
    assert (told["state"], target["where"]) == ("ok", "context sandbox · namespace llm-config")
    app = target["workloads"][0]
    assert (app["name"], app["ready"], len(app["units"])) == (APP, 3, 3)
    assert app["units"][0]["began_at"].endswith("Z")


def test_the_end_of_a_log_is_printed_in_the_order_of_time(shop: Workshop) -> None:
    lines = [
        json.loads(each) for each in ask(shop, "logs", "-n", "5", "--json").stdout.splitlines()
    ]
    assert len(lines) == 15
    assert len({line["unit"] for line in lines}) == 3
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)
    severe = ask(shop, "logs", "-n", "500", "--least", "error", "--json").stdout.splitlines()
    assert all(json.loads(line)["severity"] == "error" for line in severe)


def test_a_log_is_followed_until_a_signal_comes(shop: Workshop) -> None:
    words = (sys.executable, "-m", "tui", "service", "logs", "redis", "-f", "-n", "1")
    with subprocess.Popen(
        [*words, "--sandbox", "--method", "kubernetes"],
        env=shop.variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert "redis" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=PATIENCE_S) == 130
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_a_workload_that_is_not_there_is_told_with_the_nearest_name(shop: Workshop) -> None:
    done = ask(shop, "logs", "rediz")
    assert done.returncode == 2
    assert "no workload 'rediz' on sandbox" in done.stderr
    assert "Did you mean 'redis'?" in done.stderr


def test_a_target_that_is_not_there_is_told_with_those_that_are(shop: Workshop) -> None:
    done = ask(shop, "list", "--target", "moon")
    assert done.returncode == 3
    assert "Use one of: sandbox" in done.stderr


def test_a_dry_run_shows_the_whole_command_line_and_does_nothing(shop: Workshop) -> None:
    done = ask(shop, "scale", APP, "4", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert f"--context sandbox -n llm-config scale deployment/{APP} --replicas=4" in done.stdout
    assert ask(shop, "list").stdout.count("3/3") == 1


def test_scaling_and_restarting_are_walked_checked_and_recorded(shop: Workshop) -> None:
    scaled = ask(shop, "scale", APP, "2", "--json")
    assert scaled.returncode == 0, scaled.stdout + scaled.stderr
    assert "2/2" in ask(shop, "list").stdout
    back = ask(shop, "scale", APP, "3")
    assert back.returncode == 0, back.stdout + back.stderr
    assert f"workload {APP} has 3 ready" in back.stdout
    runs = shop.run("runs", "list", "--all", "--sandbox", "--json")
    ids = {run["procedure"] for run in json.loads(runs.stdout)["runs"]}
    assert {
        f"quick-scale-{APP}-to-2-on-sandbox",
        f"quick-scale-{APP}-to-3-on-sandbox",
    } <= ids
    changes = ask(shop, "changes", "--since", "5m", "--json").stdout.splitlines()
    assert any(APP in json.loads(line)["subject"] for line in changes)


def test_stopping_is_destructive_and_has_to_be_named(shop: Workshop) -> None:
    refused = ask(shop, "stop", "redis")
    assert refused.returncode == 4, refused.stdout + refused.stderr
    assert "--allow-destructive stop-redis-now" in refused.stdout + refused.stderr
    stopped = ask(shop, "stop", "redis", "--allow-destructive", "stop-redis-now")
    assert stopped.returncode == 0, stopped.stdout + stopped.stderr
    assert ask(shop, "list").returncode in {0, 1}
    started = ask(shop, "start", "redis", "--replicas", "1")
    assert started.returncode == 0, started.stdout + started.stderr


def test_what_cannot_be_done_says_why(shop: Workshop) -> None:
    refused = ask(shop, "start", APP)
    assert refused.returncode == 2
    assert "is started" in refused.stderr
