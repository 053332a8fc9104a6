"""Which file the settings must name so that a context is found again."""

from pathlib import Path

import pytest
import yaml

from procedures.clock import SystemClock
from procedures.targets.detection import clusters
from procedures.targets.detection.clusters import file_of, look_at_clusters
from procedures.targets.kubernetes import kubeconfig


def write(path: Path, *contexts: str, only: str = "clusters users contexts") -> Path:
    """Write contexts, each with a cluster and a user of its name."""
    content = {
        "clusters": [{"name": each, "cluster": {"server": "https://x"}} for each in contexts],
        "users": [{"name": each, "user": {"token": "t"}} for each in contexts],
        "contexts": [
            {"name": each, "context": {"cluster": each, "user": each}} for each in contexts
        ],
    }
    path.write_text(yaml.safe_dump({key: content[key] for key in only.split()}))
    return path


def found(context: str, *files: Path) -> tuple[Path | None, str]:
    variables = {"KUBECONFIG": ":".join(map(str, files))}
    config = kubeconfig.read(kubeconfig.files_of(None, variables))
    assert config is not None
    return file_of(context, config, variables)


def test_the_usual_file_needs_no_name(tmp_path: Path) -> None:
    config = kubeconfig.read((write(tmp_path / "config", "a"),))
    assert config is not None
    assert file_of("a", config, {"HOME": str(tmp_path)}) == (None, "")


def test_of_several_files_the_one_that_holds_all_of_a_context_is_named(tmp_path: Path) -> None:
    one, two = write(tmp_path / "one", "a"), write(tmp_path / "two", "a", "b")
    assert found("a", one, two) == (one, "")
    assert found("b", one, two) == (two, "")


def test_a_context_that_is_spread_over_files_needs_the_variable(tmp_path: Path) -> None:
    one = write(tmp_path / "one", "a", only="contexts")
    two = write(tmp_path / "two", "a", only="clusters users")
    assert found("a", one, two) == (None, "KUBECONFIG must name the same files as now")
    assert found("a", one, tmp_path / "gone") == (one, "")


async def test_contexts_go_unasked_when_others_took_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "TURNS", -1)
    path = write(tmp_path / "config", "a", "b")
    told = await look_at_clusters({"KUBECONFIG": str(path)}, SystemClock(), 1.0)
    assert [each.place for each in told.unasked] == ["context a", "context b"]
    assert "took too long" in told.unasked[0].why
