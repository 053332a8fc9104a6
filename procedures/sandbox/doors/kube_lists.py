"""Lists of the Kubernetes API: chosen objects, in portions."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from procedures.sandbox.doors import kube_status
from procedures.sandbox.doors.kube_resources import Resource
from procedures.sandbox.doors.kube_store import Store

Object = dict[str, Any]


def version_of(text: str, present: int) -> int:
    """Return the resource version of a query, 0 for any; refuses what is none."""
    if not text:
        return 0
    if not text.isdecimal():
        raise kube_status.no_version(text)
    version = int(text)
    if version > present:
        raise kube_status.from_the_future(version, present)
    return version


def portion(
    store: Store, found: Sequence[Object], query: Mapping[str, str]
) -> tuple[list[Object], dict[str, Any]]:
    """Return the objects from where the client left off, and the list's metadata."""
    limit = int(query.get("limit") or 0)
    begun = store.version
    names = [each["metadata"]["name"] for each in found]
    at = 0
    if token := query.get("continue", ""):
        begun, start = _read(token)
        if 0 <= begun < store.oldest:
            raise kube_status.list_expired(_token(-1, start))
        begun = store.version if begun < 0 else begun
        at = next((n for n, name in enumerate(names) if name > start), len(names))
    else:
        version_of(query.get("resourceVersion", ""), store.version)
    end = at + limit if limit > 0 else len(found)
    metadata: dict[str, Any] = {"resourceVersion": str(begun)}
    if end < len(found):
        metadata["continue"] = _token(begun, names[end - 1])
        metadata["remainingItemCount"] = len(found) - end
    return list(found[at:end]), metadata


def listed(
    resource: Resource, items: Sequence[Object], metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a list; its items do not repeat what they are."""
    return {
        "kind": f"{resource.kind}List",
        "apiVersion": resource.api_version,
        "metadata": dict(metadata),
        "items": list(items),
    }


def _token(version: int, last: str) -> str:
    fields = {"v": "meta.k8s.io/v1", "rv": version, "start": f"{last}\0"}
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")


def _read(token: str) -> tuple[int, str]:
    try:
        fields = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        return int(fields["rv"]), str(fields["start"]).removesuffix("\0")
    except (ValueError, KeyError, TypeError) as error:
        raise kube_status.bad_request(f"continue key is not valid: {error}") from error
