"""The Kubernetes API, as far as clients that look need it; it poses as version 1.29.

Changes are the business of the ``kubectl`` command on the steps' PATH: they are refused here.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from procedures.sandbox.doors import (
    kube_exec,
    kube_lists,
    kube_logs,
    kube_resources,
    kube_status,
    kube_table,
    kube_watch,
)
from procedures.sandbox.doors.door import viewer_token
from procedures.sandbox.doors.kube_measures import measures
from procedures.sandbox.doors.kube_path import Asked, NoGroupError, asked, verb
from procedures.sandbox.doors.kube_resources import MEASURED, Resource
from procedures.sandbox.doors.kube_select import Selects, selects
from procedures.sandbox.doors.kube_status import Refused
from procedures.sandbox.doors.kube_store import Store
from procedures.sandbox.doors.kube_users import Tokens, may, may_see
from procedures.sandbox.doors.looking import Looking
from procedures.sandbox.shims.kube_names import NAMESPACE, pod_name, pods

if TYPE_CHECKING:
    from procedures.sandbox.running import Running

Object = dict[str, Any]
_REVIEWS = f"/apis/{kube_resources.REVIEWS}/v1/selfsubjectaccessreviews"
_VERSION = {
    "major": "1",
    "minor": "29",
    "gitVersion": "v1.29.4",
    "gitCommit": "sandbox",
    "gitTreeState": "clean",
    "buildDate": "2026-01-05T09:12:44Z",
    "goVersion": "go1.21.9",
    "compiler": "gc",
    "platform": "linux/amd64",
}
_NO_PAGE = "404 page not found\n"


def answering(
    running: Running, token: str
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return what answers every request of one who knows the token."""
    return _Door(Looking(running), Tokens(admin=token, viewer=viewer_token(token))).answer


class _Door:
    def __init__(self, looking: Looking, tokens: Tokens) -> None:
        self._looking = looking
        self._tokens = tokens
        self._store = Store(looking)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        try:
            authorization = request.headers.get("Authorization", "")
            user, path = self._tokens.user(request.path, authorization)
            return await self._answer(request, user, path)
        except Refused as refusal:
            return web.json_response(refusal.body, status=refusal.code, headers=refusal.headers)
        except NoGroupError:
            return web.Response(status=404, text=_NO_PAGE)

    async def _answer(self, request: web.Request, user: str, path: str) -> web.StreamResponse:
        path = path.rstrip("/") or "/"
        found = kube_resources.discovery(path)
        if found is not None or not path.startswith(("/api/", "/apis/")):
            if not may_see(user, path):
                raise kube_status.forbidden_path(user, path)
            return web.json_response(found) if found is not None else _unversioned(path)
        if path == _REVIEWS and request.method == "POST" and may_see(user, path):
            return await _review(request, user)
        what = asked(path)
        doing = verb(request.method, what.name, watch=_truth(request, "watch"))
        resource = what.resource
        if resource is None:
            raise kube_status.no_resource()
        if not may(user, doing, resource.plural, what.part):
            where, name, part = what.namespace, what.name, what.part
            raise kube_status.forbidden(user, doing, resource, where, name, part)
        return await self._allowed(request, what, resource, doing)

    async def _allowed(
        self, request: web.Request, what: Asked, resource: Resource, doing: str
    ) -> web.StreamResponse:
        if what.part in {"log", "exec"}:
            return await self._stream(request, what, resource)
        if request.method not in {"GET", "HEAD"}:
            raise kube_status.not_allowed()
        if doing == "watch":
            return await self._watch(request, what, resource)
        if what.name:
            return await self._one(request, what, resource)
        return await self._list(request, what, resource)

    async def _objects(self, what: Asked, resource: Resource) -> list[Object]:
        if resource.namespaced and what.namespace not in {"", NAMESPACE}:
            return []
        if resource.made in MEASURED:
            return measures(resource.made, self._looking.observe())
        await self._store.refresh()
        return self._store.all(resource.made)

    async def _one(self, request: web.Request, what: Asked, resource: Resource) -> web.Response:
        for each in await self._objects(what, resource):
            if each["metadata"]["name"] == what.name:
                if what.part == "scale":
                    return web.json_response(_scale(each))
                return self._shown(request, resource, [each], {}, one=True)
        raise kube_status.not_found(resource, what.name)

    async def _list(self, request: web.Request, what: Asked, resource: Resource) -> web.Response:
        chosen = _chosen(request)
        found = [each for each in await self._objects(what, resource) if chosen(each)]
        items, metadata = kube_lists.portion(self._store, found, request.query)
        return self._shown(request, resource, items, metadata, one=False)

    def _shown(
        self,
        request: web.Request,
        resource: Resource,
        items: list[Object],
        metadata: Object,
        *,
        one: bool,
    ) -> web.Response:
        if kube_table.wanted(request.headers.get("Accept", "")):
            table = self._table(request, resource, items)
            return web.json_response({**table, "metadata": metadata})
        if one:
            return web.json_response(_typed(resource, items[0]))
        typed = [_untyped(_typed(resource, each)) for each in items]
        return web.json_response(kube_lists.listed(resource, typed, metadata))

    def _table(self, request: web.Request, resource: Resource, items: list[Object]) -> Object:
        include = request.query.get("includeObject", "Metadata")
        whole = [_typed(resource, each) for each in items]
        return kube_table.table(resource, whole, self._looking.observe().now, include)

    async def _watch(
        self, request: web.Request, what: Asked, resource: Resource
    ) -> web.StreamResponse:
        if resource.made in MEASURED:
            raise kube_status.not_allowed()
        chosen = _chosen(request, f"metadata.name={what.name}" if what.name else "")
        here = not resource.namespaced or what.namespace in {"", NAMESPACE}
        as_table = kube_table.wanted(request.headers.get("Accept", ""))

        def shown(each: Object) -> Object:
            if as_table and "name" in each["metadata"]:
                return self._table(request, resource, [each])
            return _typed(resource, each)

        await self._store.refresh()
        text = request.query.get("resourceVersion", "")
        version = kube_lists.version_of(text, 2**63)
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        async for portion in kube_watch.lines(
            self._store,
            self._looking,
            made=resource.made,
            chosen=chosen if here else lambda _: False,
            shown=shown,
            version=version,
            timeout_s=float(request.query.get("timeoutSeconds") or 0),
            bookmarks=_truth(request, "allowWatchBookmarks"),
        ):
            await response.write(portion)
        return response

    async def _stream(
        self, request: web.Request, what: Asked, resource: Resource
    ) -> web.StreamResponse:
        found = pods(self._looking.observe()) if what.namespace == NAMESPACE else []
        for process in found:
            if pod_name(process) == what.name:
                send = kube_logs.send if what.part == "log" else kube_exec.run
                return await send(request, self._looking, process)
        raise kube_status.not_found(resource, what.name)


def _chosen(request: web.Request, more: str = "") -> Selects:
    fields = filter(None, (request.query.get("fieldSelector", ""), more))
    return selects(request.query.get("labelSelector", ""), ",".join(fields))


def _typed(resource: Resource, each: Object) -> Object:
    typed = {"kind": resource.kind, "apiVersion": resource.api_version, **each}
    if resource.api_version == "autoscaling/v1" and "status" in each:
        typed["status"] = {k: v for k, v in each["status"].items() if k != "conditions"}
    return typed


def _untyped(each: Object) -> Object:
    return {name: value for name, value in each.items() if name not in {"kind", "apiVersion"}}


def _scale(each: Object) -> Object:
    names = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    labels = each["spec"]["selector"]["matchLabels"]
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {name: each["metadata"][name] for name in names},
        "spec": {"replicas": each["spec"]["replicas"]},
        "status": {
            "replicas": each["status"]["replicas"],
            "selector": ",".join(f"{name}={value}" for name, value in labels.items()),
        },
    }


def _unversioned(path: str) -> web.Response:
    if path == "/version":
        return web.json_response(_VERSION)
    if path in {"/healthz", "/livez", "/readyz"}:
        return web.Response(text="ok")
    raise NoGroupError


async def _review(request: web.Request, user: str) -> web.Response:
    """Answer a user who asks what he may do."""
    review = json.loads(await request.text())
    about = review.get("spec", {}).get("resourceAttributes", {})
    words = (about.get(name, "") for name in ("verb", "resource", "subresource"))
    body = {
        "kind": "SelfSubjectAccessReview",
        "apiVersion": f"{kube_resources.REVIEWS}/v1",
        "metadata": {"creationTimestamp": None},
        "spec": review.get("spec", {}),
        "status": {"allowed": may(user, *words)},
    }
    return web.json_response(body, status=201)


def _truth(request: web.Request, name: str) -> bool:
    return request.query.get(name, "").lower() in {"1", "true", "t"}
