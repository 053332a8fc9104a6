"""The engine is found as the docker command finds it, and stands in every command line."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from procedures.errors import SourceError
from procedures.targets.docker.engines import DEFAULT, Engine, engine_of


def context(home: Path, name: str, host: str, *, tls: bool = False, current: bool = True) -> None:
    key = sha256(name.encode()).hexdigest()
    meta = home / ".docker" / "contexts" / "meta" / key
    meta.mkdir(parents=True)
    endpoints = {"docker": {"Host": host, "SkipTLSVerify": False}}
    (meta / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": endpoints}))
    if tls:
        (home / ".docker" / "contexts" / "tls" / key / "docker").mkdir(parents=True)
    if current:
        (home / ".docker" / "config.json").write_text(json.dumps({"currentContext": name}))


def test_the_settings_go_before_the_variables_and_those_before_the_context(tmp_path: Path) -> None:
    context(tmp_path, "remote", "tcp://far:2375")
    home = {"HOME": str(tmp_path)}
    host = home | {"DOCKER_HOST": "unix:///run/other.sock"}
    assert engine_of("unix:///run/mine.sock", host).url == "unix:///run/mine.sock"
    assert engine_of("", host).url == "unix:///run/other.sock"
    assert engine_of("", home).url == "tcp://far:2375"
    assert engine_of("", home | {"DOCKER_CONTEXT": "default"}).url == DEFAULT
    assert engine_of("", {"HOME": "/nowhere"}) == Engine(url=DEFAULT)


def test_every_engine_is_named_on_the_command_line(tmp_path: Path) -> None:
    assert engine_of("", {}).words == ("-H", DEFAULT)
    context(tmp_path, "remote", "tcp://far:2376", tls=True)
    assert engine_of("", {"HOME": str(tmp_path)}).words == ("--context", "remote")


def test_certificates_are_those_of_the_variables_or_of_the_context(tmp_path: Path) -> None:
    secured = {"DOCKER_TLS_VERIFY": "1", "HOME": str(tmp_path)}
    assert engine_of("tcp://far:2376", secured).certificates == tmp_path / ".docker"
    elsewhere = secured | {"DOCKER_CERT_PATH": "/srv/certs"}
    assert engine_of("tcp://far:2376", elsewhere).certificates == Path("/srv/certs")
    assert engine_of("unix:///run/docker.sock", secured).certificates is None
    assert engine_of("tcp://far:2375", {}).certificates is None


@pytest.mark.parametrize(
    ("url", "fix"),
    [("ssh://ada@far", "ssh -nNT"), ("far:2375", "tcp://host"), ("npipe:////./x", "tcp://host")],
)
def test_an_address_that_cannot_be_spoken_to_is_refused_with_a_way_out(url: str, fix: str) -> None:
    with pytest.raises(SourceError, match="cannot be asked") as told:
        engine_of(url, {})
    assert fix in told.value.fix


def test_a_context_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="'prod'") as told:
        engine_of("", {"HOME": str(tmp_path), "DOCKER_CONTEXT": "prod"})
    assert "docker context ls" in told.value.fix


def test_settings_that_are_no_json_mean_the_default_engine(tmp_path: Path) -> None:
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text("{")
    assert engine_of("", {"HOME": str(tmp_path)}).url == DEFAULT
