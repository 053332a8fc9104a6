"""The sandbox's Kubernetes API answers as a real one of version 1.20.2 was recorded to do."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from procedures.environment import Method
from procedures.sandbox.launcher import Sandbox

METHOD = Method.KUBERNETES
ANSWERS = Path(__file__).parents[2] / "data" / "sandbox" / "kubernetes_answers.json"
RECORDED: list[dict[str, Any]] = json.loads(ANSWERS.read_text())
PATIENCE_S = 20.0
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
NOT_HERE = frozenset(
    {"managedFields", "annotations", "storageVersionHash", "shortNames", "categories"}
)
"""What no client depends on, and what depends on who made an object."""
NEWER = frozenset(
    {"annotations", "labels", "ownerReferences", "generation", "generateName", "availableReplicas"}
)
"""What an object may have or not, and what later versions tell."""
LACKING: Mapping[str, frozenset[str]] = {
    "nodes": frozenset({"daemonEndpoints", "images"}),  # nobody looks for a kubelet here
    "status subresource": frozenset({"unavailableReplicas"}),  # recorded during a roll-out
}


@pytest.fixture
async def api(sandbox: Sandbox) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(kubeconfig(sandbox)["clusters"][0]["cluster"]["server"]) as it:
        yield it


def kubeconfig(sandbox: Sandbox) -> dict[str, Any]:
    path = sandbox.environment.targets[0].kubeconfig
    assert path is not None
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def authorization(sandbox: Sandbox, user: str | None) -> dict[str, str]:
    users = {each["name"]: each["user"]["token"] for each in kubeconfig(sandbox)["users"]}
    tokens = {"admin": users["sandbox"], "viewer": users["viewer"], "bad": "nobody's"}
    return {"Authorization": f"Bearer {tokens[user]}"} if user else {}


async def names(api: aiohttp.ClientSession, headers: Mapping[str, str]) -> dict[str, str]:
    """Return what stands for the recorded names."""
    path = "/api/v1/namespaces/llm-config/pods?labelSelector=app%3Dllm-config-manager"
    async with api.get(path, headers=headers) as answer:
        found = await answer.json()
    old = {"v": "meta.k8s.io/v1", "rv": 1, "start": "a\0"}
    return {
        "{pod}": found["items"][0]["metadata"]["name"],
        "{version}": found["metadata"]["resourceVersion"],
        "{old}": quote(base64.urlsafe_b64encode(json.dumps(old).encode()).decode()),
    }


def filled(value: Any, known: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
    text = json.dumps(value)
    for name, own in known.items():
        text = text.replace(name, own)
    return json.loads(text)


def agree(
    objects: list[dict[str, Any]], recorded: Mapping[str, Any], lacking: frozenset[str]
) -> None:
    """Compare names of fields: all that every recorded object has, none that no one has."""
    for part, keys in recorded.items():
        for each in objects:
            own = set(each[part] if part else each)
            assert set(keys["every"]) - NOT_HERE - lacking <= own, (part, each)
            if part:
                assert own <= set(keys["any"]) | NEWER, (part, own - set(keys["any"]))


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda each: each["note"].replace(" ", "-"))
async def test_it_answers_as_recorded(
    recorded: dict[str, Any], api: aiohttp.ClientSession, sandbox: Sandbox
) -> None:
    known = await names(api, authorization(sandbox, "admin"))
    recorded = filled(recorded, known)
    headers = authorization(sandbox, recorded["user"])
    if recorded.get("kind") == "Table":
        headers["Accept"] = TABLE
    async with (
        asyncio.timeout(PATIENCE_S),
        api.request(
            recorded["method"], recorded["path"], headers=headers, json=recorded.get("body")
        ) as answer,
    ):
        assert answer.status == recorded["status"], await answer.text()
        assert answer.content_type == recorded["type"].partition(";")[0]
        if "events" in recorded:
            lines = [json.loads(line) async for line in answer.content]
            compare_watch(lines, recorded)
        elif "says" in recorded:
            assert without_token(await answer.json()) == without_token(recorded["says"])
        elif "kind" in recorded:
            compare(await answer.json(), recorded)
        elif "text" in recorded:
            assert await answer.text() == recorded["text"]


def without_token(status: dict[str, Any]) -> dict[str, Any]:
    return {**status, "metadata": sorted(status["metadata"])}


def compare_watch(lines: list[dict[str, Any]], recorded: Mapping[str, Any]) -> None:
    if "error" in recorded:
        assert [line["object"] for line in lines] == [recorded["error"]]
        return
    told = {line["type"] for line in lines} - {"BOOKMARK"}
    assert told <= set(recorded["events"]) | {"ADDED"}
    assert bool(told) == bool(recorded["events"])
    if "object" in recorded:
        seen = [line["object"] for line in lines if line["type"] != "BOOKMARK"]
        agree(seen, recorded["object"], LACKING.get(recorded["note"], frozenset()))


def compare(body: dict[str, Any], recorded: Mapping[str, Any]) -> None:
    assert body.get("kind") == recorded["kind"]
    if recorded["kind"] == "Table":
        assert set(body["rows"][0]) == set(recorded["row"])
        assert set(body["columnDefinitions"][0]) == set(recorded["column"])
        own = [column["name"] for column in body["columnDefinitions"]]
        assert own == recorded["names"][: len(own)]
    else:
        assert set(recorded["keys"]) <= set(body)
    if "metadata" in recorded and recorded["path"].find("metrics.k8s.io") < 0:
        assert set(body["metadata"]) == set(recorded["metadata"])
    found = body.get("items") or body.get("resources") or body.get("groups") or [body]
    lacking = LACKING.get(recorded["note"], frozenset())
    agree(found, recorded.get("object", {}), lacking)
