"""What a path of the Kubernetes API means; pure."""

from dataclasses import dataclass

from procedures.sandbox.doors import kube_resources
from procedures.sandbox.doors.kube_resources import Resource

_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


class NoGroupError(Exception):
    """The path names a group that is not served, or nothing at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for.

    Attributes:
        resource: None if the group has no such resource.
        namespace: Empty for all, and for what is in none.
        name: Of one object; empty for all of them.
        part: The subresource; empty for the object itself.
    """

    resource: Resource | None
    namespace: str = ""
    name: str = ""
    part: str = ""


def asked(path: str) -> Asked:
    """Return what a path below ``/api`` or ``/apis`` asks for."""
    words = path.strip("/").split("/")
    if words[:2] == ["api", "v1"]:
        group, version, rest = "", "v1", words[2:]
    elif words[0] == "apis" and len(words) > 3 and kube_resources.serves(words[1], words[2]):
        group, version, rest = words[1], words[2], words[3:]
    else:
        raise NoGroupError
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2:
        namespace, rest = rest[1], rest[2:]
    plural, name, part, *_ = [*rest, "", "", ""]
    resource = kube_resources.find(group, version, plural)
    if resource is not None and part and part not in resource.parts:
        resource = None
    return Asked(resource=resource, namespace=namespace, name=name, part=part)


def verb(method: str, name: str, *, watch: bool) -> str:
    """Return what is to be done, as permissions name it."""
    if method in {"GET", "HEAD"}:
        return "watch" if watch else "get" if name else "list"
    return _VERBS.get(method, method.lower())
