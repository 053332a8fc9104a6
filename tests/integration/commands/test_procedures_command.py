"""``quarterdeck procedures`` as a process: find, read, export."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.shelves import write

Told = subprocess.CompletedProcess[str]
Quarterdeck = Callable[..., Told]


@pytest.fixture
def quarterdeck(tmp_path: Path) -> Quarterdeck:
    """Run the program with a home of its own."""
    home = tmp_path / "home"
    home.mkdir()
    environment = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "LANG": "C.UTF-8",
    }

    def run(*words: str) -> Told:
        return subprocess.run(
            [sys.executable, "-m", "tui", "procedures", *words],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def test_a_search_lists_level_id_and_summary_best_first(quarterdeck: Quarterdeck) -> None:
    told = quarterdeck("list", "flush", "cache")
    assert (told.returncode, told.stderr) == (0, "")
    first = told.stdout.splitlines()[0]
    assert first.split()[:2] == ["destructive", "cache-flush"]


def test_a_search_for_tools(quarterdeck: Quarterdeck) -> None:
    told = quarterdeck("list", "--json", "alert:CacheDown")
    found = json.loads(told.stdout)["procedures"]
    assert {"cache-flush", "cache-down-alert"} <= {each["id"] for each in found}
    assert all("CacheDown" in each["when"] for each in found)


def test_nothing_found_exits_1(quarterdeck: Quarterdeck) -> None:
    told = quarterdeck("list", "theme:nowhere")
    assert (told.returncode, told.stdout, told.stderr) == (1, "", "")


def test_a_document_is_printed_for_one_method(quarterdeck: Quarterdeck) -> None:
    told = quarterdeck("show", "rolling-restart", "--method", "kubernetes")
    assert told.returncode == 0
    assert told.stdout.startswith("Rolling restart\n")
    assert 'kubectl -n "$NAMESPACE" rollout restart deployment/"$DEPLOYMENT"' in told.stdout
    assert "docker restart" not in told.stdout


def test_a_misspelt_id_is_answered_with_the_nearest(quarterdeck: Quarterdeck) -> None:
    told = quarterdeck("show", "roling-restart")
    assert (told.returncode, told.stdout) == (2, "")
    assert "Did you mean 'rolling-restart'?" in told.stderr


def test_a_reference_page_is_printed(quarterdeck: Quarterdeck) -> None:
    assert "ops-oncall@example.com, PagerDuty" in quarterdeck("show", "contacts").stdout


def test_a_page_is_exported_once(quarterdeck: Quarterdeck, tmp_path: Path) -> None:
    first = quarterdeck("export", "rolling-restart", "restart.html")
    assert (first.returncode, first.stdout) == (0, "Written: restart.html\n")
    assert "<h1>Rolling restart</h1>" in (tmp_path / "restart.html").read_text()
    again = quarterdeck("export", "rolling-restart", "restart.html")
    assert again.returncode == 2
    assert "restart.html exists already" in again.stderr


def test_a_teams_own_documents_stand_beside_the_shipped_ones(
    quarterdeck: Quarterdeck, tmp_path: Path
) -> None:
    write(tmp_path / "runbooks", "our-own-way", summary="Ours.")
    told = quarterdeck("list", "--procedures", "runbooks", "our own way")
    assert told.stdout.splitlines()[0].endswith("Our own way. Ours.")
    assert "rolling-restart" in quarterdeck("list", "--procedures", "runbooks").stdout


def test_settings_can_put_a_teams_documents_in_the_place_of_the_shipped_ones(
    quarterdeck: Quarterdeck, tmp_path: Path
) -> None:
    write(tmp_path / "runbooks", "our-own-way")
    settings = tmp_path / "settings.toml"
    settings.write_text(
        '[procedures]\ndirectories = ["runbooks"]\nshipped = false\n\n'
        '[environment.here]\ntier = "staging"\nmethod = "docker"\n'
        'health = "http://localhost:8080/health"\n'
    )
    told = quarterdeck("list", "--config", str(settings), "level:read")
    ids = {line.split()[1] for line in told.stdout.splitlines() if line.startswith("read")}
    assert ids == {"our-own-way"}


def test_the_table_of_contents_is_printed(quarterdeck: Quarterdeck) -> None:
    assert quarterdeck("contents").stdout.startswith("# The catalogue\n")
