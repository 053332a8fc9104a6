"""The way to a cluster: what stands in it is told, and gone as soon as it is mended."""

import asyncio
import os
import subprocess
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from procedures.clock import SystemClock
from procedures.environment import Environment, Method, TargetAddress, Tier
from procedures.errors import SourceError
from procedures.targets.context_pin import with_pinned_context
from procedures.targets.kubernetes.target import KubernetesTarget
from procedures.targets.values import Holdings
from tests.certificates import certificate, serving
from tests.control_plane import TOKENS, ControlPlane
from tests.integration.targets.kubernetes_stand import (
    SERVICE,
    deployment,
    furnished,
    target_at,
    variables_of,
)
from tests.prometheus_stack import free_port

ADDRESS = TargetAddress(name="cluster", method=Method.KUBERNETES)


@pytest.fixture(scope="module")
def room(control_plane: ControlPlane) -> Iterator[str]:
    with furnished(control_plane, deployment(replicas=1)) as room:
        yield room


class Settings:
    """A kubeconfig that a test rewrites, and a target that reads it."""

    def __init__(self, path: Path, **address: Any) -> None:  # noqa: ANN401
        self.path = path
        self.target = KubernetesTarget(
            TargetAddress(name="cluster", method=Method.KUBERNETES, **address),
            variables=variables_of(path),
            clock=SystemClock(),
            time_limit_s=3.0,
        )

    def write(self, content: object) -> None:
        self.path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))

    def change(self, entry: str, **values: object) -> None:
        """Change what the file says of its first cluster, user or context."""
        content = yaml.safe_load(self.path.read_text())
        content[f"{entry}s"][0][entry] |= values
        self.write(content)

    def user(self, **values: object) -> None:
        """Replace what the file says of its user."""
        content = yaml.safe_load(self.path.read_text())
        content["users"][0]["user"] = values
        self.write(content)

    async def look(self) -> Holdings:
        return await self.target.look()

    async def fault(self) -> SourceError:
        with pytest.raises(SourceError) as told:
            await self.look()
        assert told.value.fix
        return told.value


@asynccontextmanager
async def settings_at(path: Path, **address: Any) -> AsyncIterator[Settings]:  # noqa: ANN401
    settings = Settings(path, **address)
    try:
        yield settings
    finally:
        await settings.target.aclose()


@pytest.fixture
async def settings(
    control_plane: ControlPlane, room: str, tmp_path: Path
) -> AsyncIterator[Settings]:
    async with settings_at(tmp_path / "config") as made:
        made.write(control_plane.kubeconfig().read_text())
        made.change("context", namespace=room)
        yield made


@pytest.mark.kubernetes
async def test_a_token_that_is_not_known_is_told_until_it_is_renewed(settings: Settings) -> None:
    settings.user(token=TOKENS["stranger"])
    assert "does not accept the credentials of admin (401)" in (await settings.fault()).what
    settings.user(token=TOKENS["viewer"])
    holdings = await settings.look()
    assert holdings.workloads[0].name == SERVICE
    assert holdings.missing[0].fault == "viewer may not list pods.metrics.k8s.io"


@pytest.mark.kubernetes
async def test_a_plugin_is_asked_again_when_its_token_is_not_accepted(
    settings: Settings, tmp_path: Path
) -> None:
    program, token, calls = tmp_path / "plugin", tmp_path / "token", tmp_path / "calls"
    answer = '{"status":{"token":"%s"}}'
    program.write_text(f"#!/bin/sh\necho asked >> {calls}\nprintf '{answer}' \"$(cat {token})\"\n")
    program.chmod(0o755)
    token.write_text(TOKENS["admin"])
    settings.user(exec={"command": "./plugin", "apiVersion": "client.authentication.k8s.io/v1"})
    await settings.look()
    await settings.look()
    assert calls.read_text().count("asked") == 1, "what it gave is kept"
    token.write_text(TOKENS["stranger"])
    await settings.look()
    assert calls.read_text().count("asked") == 1, "what is accepted is kept"
    plugin = {"command": "./plugin", "apiVersion": "client.authentication.k8s.io/v1"}
    settings.user(exec=plugin | {"args": ["x"]})
    assert "does not accept" in (await settings.fault()).what
    assert calls.read_text().count("asked") == 3, "for the new file, and once for all refusals"
    token.write_text(TOKENS["admin"])
    await settings.look()


@pytest.mark.kubernetes
async def test_a_plugin_that_fails_is_told_through_the_target(settings: Settings) -> None:
    command = {"command": "sh", "apiVersion": "v1", "args": ["-c", "echo no network >&2; exit 2"]}
    settings.user(exec=command)
    assert "said: no network" in (await settings.fault()).what


@pytest.mark.kubernetes
async def test_a_token_in_a_file_is_read_anew_when_it_changes(
    settings: Settings, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text(TOKENS["stranger"])
    settings.user(tokenFile="token")
    await settings.fault()
    token.write_text(TOKENS["admin"])
    assert (await settings.look()).missing == ()


@pytest.mark.kubernetes
async def test_nobody_at_all_may_see_nothing(settings: Settings) -> None:
    settings.user()
    assert "system:anonymous may not list" in (await settings.fault()).what


@pytest.mark.kubernetes
async def test_a_cluster_of_another_authority_is_not_trusted(
    settings: Settings, tmp_path: Path
) -> None:
    other, _ = certificate(tmp_path / "other")
    right = yaml.safe_load(settings.path.read_text())["clusters"][0]["cluster"]
    authority = "certificate-authority-data"
    settings.change("cluster", **{authority: b64encode(other.read_bytes()).decode()})
    assert "is not signed by whom the kubeconfig trusts" in (await settings.fault()).what
    settings.change("cluster", **{authority: right[authority]})
    await settings.look()


@pytest.mark.kubernetes
async def test_a_context_that_is_switched_underneath_stops_the_console_not_the_operator(
    settings: Settings,
) -> None:
    await settings.look()
    assert settings.target.place.where.startswith("context admin ")
    content = yaml.safe_load(settings.path.read_text())
    context = content["contexts"][0]
    content["contexts"].append({"name": "other", "context": context["context"]})
    settings.write(content | {"current-context": "other"})
    told = await settings.fault()
    assert "names other as its context now, but this console began with admin" in told.what
    settings.write(content)
    await settings.look()


@pytest.mark.kubernetes
async def test_kubectl_itself_stays_in_the_pinned_context(
    control_plane: ControlPlane, room: str, tmp_path: Path
) -> None:
    own = tmp_path / "config"
    content = yaml.safe_load(control_plane.kubeconfig().read_text())
    content["contexts"].append({"name": "other", "context": content["contexts"][0]["context"]})
    own.write_text(yaml.safe_dump(content))
    environment = Environment(
        name="prod",
        tier=Tier.PRODUCTION,
        method=Method.KUBERNETES,
        targets=(TargetAddress(name="cluster", method=Method.KUBERNETES, namespace=room),),
    )
    pinned = with_pinned_context(environment, tmp_path / "pins", variables={"KUBECONFIG": str(own)})
    own.write_text(yaml.safe_dump(content | {"current-context": "other"}))
    variables = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **pinned.facts}
    said = await asyncio.to_thread(
        subprocess.run,
        ["kubectl", "config", "current-context"],
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == "admin"
    target = KubernetesTarget(pinned.targets[0], variables=variables, clock=SystemClock())
    assert (await target.look()).workloads[0].name == SERVICE
    assert target.place.where == f"context admin · namespace {room}"
    await target.aclose()


@pytest.mark.kubernetes
async def test_a_garbled_kubeconfig_is_told_and_a_mended_one_taken_up(settings: Settings) -> None:
    right = settings.path.read_text()
    await settings.look()
    settings.write("{ not: [yaml")
    assert "is not YAML" in (await settings.fault()).what
    settings.write(right)
    await settings.look()
    settings.path.unlink()
    assert "there is no kubeconfig" in (await settings.fault()).what
    settings.write(right)
    await settings.look()


@pytest.mark.kubernetes
async def test_many_questions_leave_no_connection_open(
    control_plane: ControlPlane, room: str
) -> None:
    target = target_at(control_plane, room)
    for _ in range(3):
        await target.look()
        await target.aclose()
    await target.look()
    await target.aclose()


def nowhere(server: str, authority: Path | None = None) -> dict[str, Any]:
    cluster: dict[str, Any] = {"server": server}
    if authority:
        cluster["certificate-authority"] = str(authority)
    return {
        "current-context": "prod",
        "contexts": [{"name": "prod", "context": {"cluster": "c", "user": "ada"}}],
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "ada", "user": {"token": "t"}}],
    }


@pytest.mark.parametrize(
    ("span", "what"),
    [
        ({"begins": "20980101000000Z"}, "is not valid yet at 20"),
        ({"ends": "20210101000000Z"}, "has expired at 20"),
        ({"names": "DNS:k8s.example"}, "is made out to another name"),
    ],
)
async def test_a_certificate_that_does_not_hold_is_told_with_the_time_here(
    tmp_path: Path, span: dict[str, str], what: str
) -> None:
    made, key = certificate(tmp_path / "server", **span)
    async with serving(made, key) as server, settings_at(tmp_path / "config") as settings:
        settings.write(nowhere(server, made))
        assert what in (await settings.fault()).what


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "does not answer as an API server"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull", "does not answer as an API server"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", "broke"),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nno.", "answered 502"),
        (b"SSH-2.0-OpenSSH\r\n", "broke"),
        (b"", "broke"),
    ],
)
async def test_a_server_that_is_no_api_server_is_told(
    tmp_path: Path, answer: bytes, what: str
) -> None:
    made, key = certificate(tmp_path / "server")
    async with serving(made, key, answer) as server, settings_at(tmp_path / "config") as settings:
        settings.write(nowhere(server, made))
        assert what in (await settings.fault()).what


async def test_a_cluster_that_is_nowhere_is_told(tmp_path: Path) -> None:
    async with settings_at(tmp_path / "config") as settings:
        assert "there is no kubeconfig" in (await settings.fault()).what
        for server, what in (
            (f"https://127.0.0.1:{free_port()}", "cannot be reached"),
            ("https://no-such-host.invalid", "is not known"),
            ("not an address", "is no address of an API server"),
        ):
            settings.write(nowhere(server))
            assert what in (await settings.fault()).what


async def test_a_context_that_the_settings_misspell_is_told(tmp_path: Path) -> None:
    async with settings_at(tmp_path / "config", context="prid") as settings:
        settings.write(nowhere("https://127.0.0.1"))
        assert "there is no context prid" in (await settings.fault()).what
