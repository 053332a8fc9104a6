"""The kubeconfig is read as kubectl reads it, and what is wrong with it is told."""

import os
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
import yaml

from procedures.environment import Method, TargetAddress
from procedures.errors import SourceError
from procedures.targets.kubernetes import kubeconfig
from procedures.targets.kubernetes.access import Access, access_of
from procedures.targets.kubernetes.credentials import credentials_of
from procedures.targets.kubernetes.in_cluster import access_within
from procedures.targets.kubernetes.session import client_of, proxy_for

ADDRESS = TargetAddress(name="cluster", method=Method.KUBERNETES)


def config(
    current: str = "prod",
    *,
    contexts: tuple[str, ...] = ("prod", "staging"),
    cluster: dict[str, Any] | None = None,
    user: dict[str, Any] | None = None,
    namespace: str = "",
) -> dict[str, Any]:
    """Return a file whose contexts all mean the same cluster and user."""
    context = {"cluster": "c", "user": "ada"} | ({"namespace": namespace} if namespace else {})
    return {
        "current-context": current,
        "contexts": [{"name": name, "context": context} for name in contexts],
        "clusters": [
            {"name": "c", "cluster": {"server": "https://k8s.example:6443"} | (cluster or {})}
        ],
        "users": [{"name": "ada", "user": user or {"token": "t"}}],
    }


def written(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return path


def access(path: Path, address: TargetAddress = ADDRESS, began_with: str = "") -> Access:
    found = kubeconfig.read([path])
    assert found is not None
    return access_of(address, found, began_with)


def fault(path: Path, address: TargetAddress = ADDRESS, began_with: str = "") -> SourceError:
    with pytest.raises(SourceError) as told:
        access(path, address, began_with)
    assert told.value.fix
    return told.value


def test_files_are_those_of_the_settings_then_of_the_variable_then_of_home(tmp_path: Path) -> None:
    variables = {"HOME": "/home/ada", "KUBECONFIG": f"/a{os.pathsep}{os.pathsep}/b"}
    assert kubeconfig.files_of(tmp_path, variables) == (tmp_path,)
    assert kubeconfig.files_of(None, variables) == (Path("/a"), Path("/b"))
    assert kubeconfig.files_of(None, {"HOME": "/home/ada"}) == (Path("/home/ada/.kube/config"),)


def test_of_several_files_the_first_that_says_something_wins(tmp_path: Path) -> None:
    first = written(tmp_path / "1", {"current-context": "staging"})
    second = written(tmp_path / "2", config("prod"))
    third = written(tmp_path / "3", config(cluster={"server": "https://other.example"}))
    found = kubeconfig.read([first, tmp_path / "absent", second, third])
    assert found is not None
    assert found.files == (first, second, third)
    chosen = access_of(ADDRESS, found, "")
    assert (chosen.context, chosen.server) == ("staging", "https://k8s.example:6443")


def test_paths_are_relative_to_the_file_that_names_them(tmp_path: Path) -> None:
    path = written(
        tmp_path / "deep" / "config",
        config(cluster={"certificate-authority": "ca.crt"}, user={"tokenFile": "../token"}),
    )
    assert access(path).files == (tmp_path / "deep" / "ca.crt", tmp_path / "deep" / "../token")


@pytest.mark.parametrize(
    ("given", "of_context", "namespace"),
    [("mine", "its", "mine"), ("", "its", "its"), ("", "", "llm-config")],
)
def test_the_namespace_is_that_of_the_settings_then_of_the_context(
    tmp_path: Path, given: str, of_context: str, namespace: str
) -> None:
    path = written(tmp_path / "config", config(namespace=of_context))
    address = TargetAddress(name="cluster", method=Method.KUBERNETES, namespace=given)
    assert access(path, address).namespace == namespace


def test_a_context_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    path = written(tmp_path / "config", config())
    address = TargetAddress(name="cluster", method=Method.KUBERNETES, context="prid")
    assert "there is no context prid" in fault(path, address).what
    assert "prod, staging" in fault(path, address).what


def test_a_context_that_was_switched_underneath_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "config", config("staging"))
    told = fault(path, began_with="prod")
    assert "names staging as its context now, but this console began with prod" in told.what
    assert "Set `context`" in told.fix
    assert access(path, began_with="staging").context == "staging"
    address = TargetAddress(name="cluster", method=Method.KUBERNETES, context="prod")
    assert access(path, address, "prod").context == "prod", "the settings name it: nothing changed"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "has no current context"),
        ({"current-context": ""}, "has no current context"),
        (config() | {"clusters": []}, "names a cluster without an address"),
        (config() | {"users": None}, "names a user that is not there: ada"),
        ("just text", "holds no settings but a str"),
        ("- a\n- b", "holds no settings but a list"),
        ("a: [1, 2\nb: }", "is not YAML: line 2"),
        ("\x00\x01", "is not YAML"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(tmp_path: Path, content: object, what: str) -> None:
    path = written(tmp_path / "config", content)
    assert what in fault(path).what
    assert str(path) in fault(path).what


def test_bytes_that_are_no_text_are_told_without_them(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_bytes(b"\xff\xfe token: s3cret")
    assert "is not YAML" in fault(path).what
    assert "s3cret" not in str(fault(path))


def test_a_broken_file_does_not_spill_its_secrets(tmp_path: Path) -> None:
    path = written(tmp_path / "config", 'users:\n- user: {token: "s3cret}\n')
    assert "s3cret" not in str(fault(path))


def test_no_file_at_all_is_none(tmp_path: Path) -> None:
    assert kubeconfig.read([tmp_path / "absent"]) is None


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read: Is a directory"):
        kubeconfig.read([tmp_path])


def test_every_rewriting_of_a_file_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "config"
    stamps = [kubeconfig.stamp_of([path])]
    for content in ("a", "bb", "cc"):
        path.write_text(content)
        stamps.append(kubeconfig.stamp_of([path]))
    assert len(set(stamps)) == len(stamps)


@pytest.mark.parametrize(
    ("user", "header"),
    [
        ({"token": "t0"}, "Bearer t0"),
        ({"tokenFile": "token", "token": "t0"}, "Bearer from-file"),
        ({"username": "ada", "password": "p"}, f"Basic {b64encode(b'ada:p').decode()}"),
        ({"auth-provider": {"name": "oidc", "config": {"id-token": "id"}}}, "Bearer id"),
        ({"client-certificate-data": b64encode(b"pem").decode()}, ""),
    ],
)
async def test_credentials_are_taken_as_kubectl_takes_them(
    tmp_path: Path, user: dict[str, Any], header: str
) -> None:
    (tmp_path / "token").write_text("from-file\n")
    found = await credentials_of(access(written(tmp_path / "config", config(user=user))), {})
    assert found.authorization == header
    assert "t0" not in repr(found)
    assert "from-file" not in repr(found)


@pytest.mark.parametrize(
    ("user", "what"),
    [
        ({"tokenFile": "absent"}, "cannot be read: No such file"),
        ({"client-certificate-data": "é"}, "is not base64"),
        ({"auth-provider": {"name": "gcp"}}, "logs in by the provider gcp"),
        ({"token": "t", "as-groups": ["admins"]}, "acts as another one by as-groups"),
    ],
)
async def test_credentials_that_cannot_be_had_are_told(
    tmp_path: Path, user: dict[str, Any], what: str
) -> None:
    found = access(written(tmp_path / "config", config(user=user)))
    with pytest.raises(SourceError) as told:
        await credentials_of(found, {})
    assert what in told.value.what
    assert told.value.fix


@pytest.mark.parametrize(
    ("entries", "what"),
    [
        (
            {"cluster": {"certificate-authority-data": b64encode(b"junk").decode()}},
            "cannot be used",
        ),
        (
            {
                "user": {
                    "client-certificate-data": b64encode(b"junk").decode(),
                    "client-key-data": b64encode(b"junk").decode(),
                }
            },
            "cannot be used",
        ),
        (
            {
                "user": {
                    "client-certificate-data": b64encode(b"junk").decode(),
                    "client-key-data": b64encode(b"-----BEGIN ENCRYPTED PRIVATE KEY").decode(),
                }
            },
            "is encrypted",
        ),
    ],
)
async def test_certificates_that_cannot_be_used_are_told_and_nobody_is_asked(
    tmp_path: Path, entries: dict[str, dict[str, Any]], what: str
) -> None:
    found = access(
        written(
            tmp_path / "config", config(cluster=entries.get("cluster"), user=entries.get("user"))
        )
    )
    credentials = await credentials_of(found, {})
    with pytest.raises(SourceError, match=what):
        client_of(found, credentials, {})


@pytest.mark.parametrize(
    ("cluster", "variables", "proxy"),
    [
        ({}, {}, None),
        ({}, {"HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        ({}, {"https_proxy": "http://p:1", "no_proxy": "k8s.example"}, None),
        ({}, {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "a, .example"}, None),
        ({}, {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, None),
        ({}, {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "ample,,x"}, "http://p:1"),
        (
            {"server": "https://10.1.2.3"},
            {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "10.0.0.0/8"},
            None,
        ),
        ({"server": "https://127.0.0.1"}, {"HTTPS_PROXY": "http://p:1"}, None),
        ({"proxy-url": "http://q:2"}, {"NO_PROXY": "*"}, "http://q:2"),
    ],
)
def test_the_proxy_is_the_one_that_kubectl_would_take(
    tmp_path: Path, cluster: dict[str, Any], variables: dict[str, str], proxy: str | None
) -> None:
    assert proxy_for(access(written(tmp_path / "config", config(cluster=cluster))), variables) == (
        proxy
    )


def test_a_proxy_of_another_kind_is_told(tmp_path: Path) -> None:
    path = written(tmp_path / "config", config(cluster={"proxy-url": "socks5://p:1"}))
    with pytest.raises(SourceError, match="SOCKS"):
        proxy_for(access(path), {})


def test_within_a_cluster_the_account_of_the_pod_is_used(tmp_path: Path) -> None:
    variables = {"KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    assert access_within(ADDRESS, variables=variables, account=tmp_path) is None
    written(tmp_path / "token", "t")
    written(tmp_path / "namespace", "its-own\n")
    found = access_within(ADDRESS, variables=variables, account=tmp_path)
    assert found is not None
    assert (found.context, found.namespace, found.server) == (
        "",
        "its-own",
        "https://10.96.0.1:443",
    )
    assert found.files == (tmp_path / "ca.crt", tmp_path / "token")
    assert access_within(ADDRESS, variables={}, account=tmp_path) is None
