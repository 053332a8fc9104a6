"""``quarterdeck config init`` where the service runs, and where nothing does."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.control_plane import ControlPlane
from tests.docker_engine import DockerEngine, wait_until
from tests.docker_images import SERVICE as IMAGE
from tests.integration.targets.kubernetes_stand import SERVICE, apply, deployment
from tests.integration.targets.systemd_stand import variables_with
from tests.systemd_box import SystemdBox

ROOT = Path(__file__).parents[3]
COMPOSE = f"""\
version: "2.4"
services:
  {SERVICE}:
    image: {IMAGE}:1.0
    command: ["sh", "-c", "mkdir /tmp/m; echo up 1 > /tmp/m/metrics; httpd -p 9090 -h /tmp/m; \\
exec sh /app/serve"]
    stop_grace_period: 1s
    ports: ["18080:8080", "127.0.0.1:19090:9090"]
"""


def quarterdeck(
    variables: dict[str, str], *words: str, within: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*within, sys.executable, "-m", "tui", *words],
        env={**variables, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.docker
async def test_settings_for_a_real_project_pass_their_check(
    docker_engine: DockerEngine, tmp_path: Path
) -> None:
    (tmp_path / "docker-compose.yml").write_text(COMPOSE)
    compose = ("docker-compose", "-p", "llm-config")
    within = ("nsenter", f"--net=/run/netns/{docker_engine._namespace}")
    variables = {**docker_engine.variables, "HOME": str(tmp_path)}
    docker_engine.run(*compose, "up", "-d", cwd=tmp_path)
    try:
        wait_until(
            docker_engine,
            *("inspect", "-f", "{{.State.Health.Status}}", f"llm-config_{SERVICE}_1"),
            shows="healthy",
        )
        made = quarterdeck(variables, "config", "init", within=within)
        assert made.returncode == 0, made.stderr
        assert "health  http://localhost:18080/health" in made.stdout
        assert "metrics  http://localhost:19090" in made.stdout
        checked = quarterdeck(variables, "config", "check", within=within)
        assert checked.returncode == 0, checked.stdout + checked.stderr
        assert f"shows {SERVICE}, 1 of 1 ready" in checked.stdout
    finally:
        docker_engine.run(*compose, "down", "--timeout", "1", cwd=tmp_path)
    checked = quarterdeck(variables, "config", "check", within=within)
    assert checked.returncode == 1
    assert "FAILED  llm-config.targets.stack  project llm-config" in checked.stdout


@pytest.mark.kubernetes
def test_settings_for_a_real_namespace_pass_their_check(
    control_plane: ControlPlane, nowhere: dict[str, str]
) -> None:
    room = control_plane.namespace()
    apply(control_plane, room, deployment(replicas=0))
    kubeconfig = control_plane.kubeconfig("viewer")
    variables = {**nowhere, "PATH": os.environ["PATH"], "KUBECONFIG": str(kubeconfig)}
    try:
        made = quarterdeck(variables, "config", "init", "--json")
        assert made.returncode == 0, made.stderr
        names = {each["name"] for each in json.loads(made.stdout)["environments"]}
        # Other rooms may be left over, and then the namespace is part of the name.
        (name,) = names & {"viewer", f"viewer-{room}"}
        checked = quarterdeck(variables, "config", "check", "-e", name)
    finally:
        control_plane.kubectl("delete", "namespace", room, "--wait=false")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"shows {SERVICE}, 0 of 0 ready" in checked.stdout


@pytest.mark.systemd
def test_settings_for_a_real_systemd_pass_their_check(
    systemd_box: SystemdBox, tmp_path: Path
) -> None:
    variables = {**variables_with(systemd_box.tools), "HOME": str(tmp_path)}
    made = quarterdeck(variables, "config", "init")
    assert made.returncode == 0, made.stderr
    assert "systemd  service llm-config-manager" in made.stdout
    checked = quarterdeck(variables, "config", "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"shows {SERVICE}, 1 of 1 ready" in checked.stdout


def test_without_anything_the_examples_are_written_and_it_is_said(
    nowhere: dict[str, str], tmp_path: Path
) -> None:
    made = quarterdeck(nowhere, "config", "init")
    assert (made.returncode, made.stderr) == (0, "")
    assert "nothing was found that looks like the service" in made.stdout
    assert made.stdout.count("not asked") == 3
    plain = quarterdeck(nowhere, "config", "init", "--no-detect", "--config", f"{tmp_path}/plain")
    assert plain.stdout.splitlines()[0] == f"wrote {tmp_path}/plain"
    written = tmp_path / ".config/quarterdeck/settings.toml"
    assert written.read_text() == (tmp_path / "plain").read_text()


def test_a_file_that_exists_is_refused_before_anything_is_asked(
    nowhere: dict[str, str], tmp_path: Path
) -> None:
    settings = tmp_path / "settings"
    settings.symlink_to(tmp_path / "gone")
    systemctl = tmp_path / "bin" / "systemctl"
    systemctl.write_text(f"#!/bin/sh\necho asked > {tmp_path}/asked\n")
    systemctl.chmod(0o755)
    refused = quarterdeck(nowhere, "config", "init", "--config", str(settings))
    assert refused.returncode == 2
    assert "exists already" in refused.stderr
    assert not (tmp_path / "asked").exists()
    assert os.path.lexists(settings)
