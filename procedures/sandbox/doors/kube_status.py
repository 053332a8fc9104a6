"""The Status objects in which the Kubernetes API says no; pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from procedures.sandbox.doors.kube_resources import Resource

Details = Mapping[str, Any]


class Refused(Exception):  # noqa: N818 - the API's answer, not a fault
    """A request that is answered with a Status.

    Attributes:
        code: The HTTP status.
        body: The Status.
        headers: Further headers of the answer.
    """

    def __init__(
        self, code: int, body: dict[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(body["message"])
        self.code = code
        self.body = body
        self.headers = headers or {}


def status(
    code: int,
    reason: str,
    message: str,
    details: Details | None = None,
    metadata: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return a Status that tells of a failure."""
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": dict(metadata or {}),
        "status": "Failure",
        "message": message,
        **({"reason": reason} if reason else {}),
        **({} if details is None else {"details": dict(details)}),
        "code": code,
    }


def refused(code: int, reason: str, message: str, details: Details | None = None) -> Refused:
    """Return a refusal with its Status."""
    return Refused(code, status(code, reason, message, details))


def bad_request(message: str) -> Refused:
    """Return that a request makes no sense."""
    return refused(400, "BadRequest", message)


def unauthorized() -> Refused:
    """Return that a token is not known."""
    return refused(401, "Unauthorized", "Unauthorized")


def forbidden(
    user: str, verb: str, resource: Resource, where: str, name: str, part: str
) -> Refused:
    """Return that a user may not do something to a resource.

    Args:
        user: Who.
        verb: What.
        resource: To which.
        where: The namespace; empty for all of them.
        name: Of the object; empty for all.
        part: The subresource; empty for none.
    """
    subject = f'{resource.qualified} "{name}"' if name else resource.qualified
    place = f'in the namespace "{where}"' if where else "at the cluster scope"
    what = f"{resource.plural}/{part}" if part else resource.plural
    group = {"group": resource.group} if resource.group else {}
    return refused(
        403,
        "Forbidden",
        f'{subject} is forbidden: User "{user}" cannot {verb} resource "{what}"'
        f' in API group "{resource.group}" {place}',
        {**({"name": name} if name else {}), **group, "kind": resource.plural},
    )


def forbidden_path(user: str, path: str) -> Refused:
    """Return that a user may not look at what is no resource."""
    return refused(403, "Forbidden", f'forbidden: User "{user}" cannot get path "{path}"', {})


def not_found(resource: Resource, name: str) -> Refused:
    """Return that there is no object of that name."""
    group = {"group": resource.group} if resource.group else {}
    message = f'{resource.qualified} "{name}" not found'
    return refused(404, "NotFound", message, {"name": name, **group, "kind": resource.plural})


def no_resource() -> Refused:
    """Return that there is no such resource."""
    message = "the server could not find the requested resource"
    return refused(404, "NotFound", message, {})


def not_allowed() -> Refused:
    """Return that this cluster is not changed by its API."""
    message = "the server does not allow this method on the requested resource"
    return refused(405, "MethodNotAllowed", message, {})


def invalid(kind: str, name: str, causes: Sequence[tuple[str, str, str]]) -> Refused:
    """Return that options are invalid, each cause as reason, message and field."""
    told = "; ".join(f"{field}: {message}" for _, message, field in causes)
    listed = [{"reason": r, "message": m, "field": f} for r, m, f in causes]
    message = f'{kind} "{name}" is invalid: {told}'
    return refused(422, "Invalid", message, {"name": name, "kind": kind, "causes": listed})


WATCH_EXPIRED = status(410, "Expired", "The resourceVersion for the provided watch is too old.")


def list_expired(fresh: str) -> Refused:
    """Return that the rest of a list is too old; ``fresh`` goes on with an inconsistent one."""
    message = (
        "The provided continue parameter is too old to display a consistent list result. You can "
        "start a new list without the continue parameter, or use the continue token in this "
        "response to retrieve the remainder of the results. Continuing with the provided token "
        "results in an inconsistent list - objects that were created, modified, or deleted "
        "between the time the first chunk was returned and now may show up in the list."
    )
    return Refused(410, status(410, "Expired", message, metadata={"continue": fresh}))


def from_the_future(version: int, present: int) -> Refused:
    """Return that a resource version has not come yet."""
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    message = f"Timeout: Too large resource version: {version}, current: {present}"
    details = {"causes": [cause], "retryAfterSeconds": 1}
    return Refused(504, status(504, "Timeout", message, details), {"Retry-After": "1"})


def no_version(text: str) -> Refused:
    """Return that a resource version is none."""
    message = (
        f'resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": '
        "invalid syntax"
    )
    return refused(500, "", message)
