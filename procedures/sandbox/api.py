"""The configuration API, as the service's OpenAPI document describes it.

A namespace that holds a slash is sent as one segment, ``app%2Fllm``. Secrets are never shown.
"""

from __future__ import annotations

import asyncio
import re
from http import HTTPStatus
from json import JSONDecodeError
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.typedefs import Handler

from procedures.sandbox.configs import ConfigName, ConfigNotFoundError, ConfigStorageError

if TYPE_CHECKING:
    from procedures.sandbox.running import Running

OPERATION_OF = {
    "get": "get",
    "set": "set",
    "delete": "delete",
    "list": "list",
    "history": "get",
    "rollback": "set",
}
_ENVIRONMENTS = {
    **{name: name for name in ("base", "development", "staging", "production", "edge")},
    "dev": "development",
    "stage": "staging",
    "prod": "production",
}
_NAMESPACE = re.compile(r"[a-zA-Z0-9/_-]{1,256}")
_KEY = re.compile(r"[a-zA-Z0-9_.-]{1,128}")
_DEFAULT_ENVIRONMENT = "development"
_CALLED_AS = web.RequestKey("environment", str)


def refusal(status: int, message: str) -> web.Response:
    """Return an error in the service's shape."""
    phrase = HTTPStatus(status).phrase
    return web.json_response({"error": phrase, "message": message}, status=status)


class BadRequestError(Exception):
    """The request says something that the API does not take."""


@web.middleware
async def refuse_politely(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what the handlers raise into the service's error shape."""
    try:
        return await handler(request)
    except ConfigNotFoundError as error:
        return refusal(404, error.what)
    except ConfigStorageError as error:
        return refusal(500, error.what)
    except BadRequestError as error:
        return refusal(400, str(error))


def environment_of(request: web.Request) -> str:
    """Return the environment that a handled request was about."""
    return str(request.get(_CALLED_AS, _DEFAULT_ENVIRONMENT))


def add_routes(app: web.Application, running: Running) -> None:
    """Add the routes below ``/api/v1`` to an application."""
    handlers = _Handlers(running)
    one = "/api/v1/configs/{namespace}/{key}"
    app.router.add_get("/api/v1/configs/{namespace}", handlers.list, name="list")
    app.router.add_get(one, handlers.get, name="get", allow_head=False)
    app.router.add_post(one, handlers.set, name="set")
    app.router.add_delete(one, handlers.delete, name="delete")
    app.router.add_get(f"{one}/history", handlers.history, name="history")
    app.router.add_post(f"{one}/rollback/{{version}}", handlers.roll_back, name="rollback")


class _Handlers:
    def __init__(self, running: Running) -> None:
        self._running = running
        self._configs = running.configs

    async def get(self, request: web.Request) -> web.Response:
        return web.json_response(await asyncio.to_thread(self._configs.get, _name(request)))

    async def list(self, request: web.Request) -> web.Response:
        namespace, environment = _namespace(request), _environment(request)
        return web.json_response(
            await asyncio.to_thread(self._configs.of_namespace, namespace, environment)
        )

    async def set(self, request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            return refusal(415, "Expected request with `Content-Type: application/json`")
        body = await _body(request)
        if "value" not in body or "env" not in body:
            raise BadRequestError("`value` and `env` are required")
        name = _name(request, environment=str(body["env"]))
        secret = body.get("secret") is True
        if secret and not isinstance(body["value"], str):
            raise BadRequestError("Secret values must be strings")
        by = str(body.get("user", "api-user"))
        written = await asyncio.to_thread(
            self._configs.put, name, body["value"], by=by, secret=secret
        )
        await self._recount()
        return web.json_response(written)

    async def delete(self, request: web.Request) -> web.Response:
        await asyncio.to_thread(self._configs.delete, _name(request))
        await self._recount()
        return web.Response(status=204)

    async def history(self, request: web.Request) -> web.Response:
        return web.json_response(await asyncio.to_thread(self._configs.history, _name(request)))

    async def roll_back(self, request: web.Request) -> web.Response:
        version = request.match_info["version"]
        if not version.isdecimal() or int(version) < 1:
            raise BadRequestError("The version must be a whole number from 1 on")
        name = _name(request)
        written = await asyncio.to_thread(self._configs.roll_back, name, int(version))
        await self._recount()
        return web.json_response(written)

    async def _recount(self) -> None:
        self._running.service.active_configs = await asyncio.to_thread(self._configs.count)


def _name(request: web.Request, *, environment: str | None = None) -> ConfigName:
    key = request.match_info["key"]
    if not _KEY.fullmatch(key):
        raise BadRequestError(f"Invalid key: {key}")
    return ConfigName(
        namespace=_namespace(request), key=key, environment=_environment(request, environment)
    )


def _namespace(request: web.Request) -> str:
    namespace = request.match_info["namespace"]
    if not _NAMESPACE.fullmatch(namespace):
        raise BadRequestError(f"Invalid namespace: {namespace}")
    return namespace


def _environment(request: web.Request, given: str | None = None) -> str:
    text = request.query.get("env", _DEFAULT_ENVIRONMENT) if given is None else given
    environment = _ENVIRONMENTS.get(text.lower())
    if environment is None:
        raise BadRequestError(f"Invalid environment: {text}")
    request[_CALLED_AS] = environment
    return environment


async def _body(request: web.Request) -> dict[str, object]:
    try:
        body = await request.json()
    except (JSONDecodeError, UnicodeDecodeError) as error:
        raise BadRequestError(f"Failed to parse the request body as JSON: {error}") from error
    if not isinstance(body, dict):
        raise BadRequestError("The body must be a JSON object")
    return body
