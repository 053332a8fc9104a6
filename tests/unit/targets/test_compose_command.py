"""Documents write docker-compose; machines have it, or only Docker's plugin."""

import subprocess
from pathlib import Path

import pytest

from procedures.environment import Environment, Method, Tier
from procedures.targets.compose_command import with_compose
from procedures.targets.variables import step_variables

HERE = Environment(name="here", tier=Tier.STAGING, method=Method.DOCKER)


def program(folder: Path, name: str, text: str = 'echo "$0" "$@"') -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def test_the_plugin_serves_where_the_program_is_missing(tmp_path: Path) -> None:
    program(tmp_path / "bin", "docker")
    (tmp_path / "bin" / "sh").symlink_to("/bin/sh")
    inherited = {"PATH": str(tmp_path / "bin")}
    environment = with_compose(HERE, tmp_path / "tools", variables=inherited)
    variables = step_variables(environment, {}, inherited=inherited)
    said = subprocess.run(
        ["sh", "-c", 'docker-compose logs --since "5 m"'],
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split("docker ")[1] == "compose logs --since 5 m\n"


@pytest.mark.parametrize("programs", [("docker", "docker-compose"), ()])
def test_nothing_changes_where_there_is_the_program_or_no_docker(
    tmp_path: Path, programs: tuple[str, ...]
) -> None:
    (tmp_path / "bin").mkdir()
    for name in programs:
        program(tmp_path / "bin", name)
    inherited = {"PATH": str(tmp_path / "bin")}
    assert with_compose(HERE, tmp_path / "tools", variables=inherited) is HERE
    assert not (tmp_path / "tools").exists()


def test_another_method_needs_none(tmp_path: Path) -> None:
    program(tmp_path / "bin", "docker")
    pods = Environment(name="there", tier=Tier.STAGING, method=Method.KUBERNETES)
    inherited = {"PATH": str(tmp_path / "bin")}
    assert with_compose(pods, tmp_path / "tools", variables=inherited) is pods


def test_a_place_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    program(tmp_path / "bin", "docker")
    (tmp_path / "file").write_text("")
    inherited = {"PATH": str(tmp_path / "bin")}
    assert with_compose(HERE, tmp_path / "file" / "tools", variables=inherited) is HERE
