"""kubectl patch, annotate and label."""

import json
from typing import Any

from procedures.sandbox.kept import Kept
from procedures.sandbox.shims.kube_change import begin_rollout
from procedures.sandbox.shims.kube_look import chosen
from procedures.sandbox.shims.kube_names import APP
from procedures.sandbox.shims.kube_request import Request, qualified
from procedures.sandbox.shims.observed import observe
from procedures.sandbox.shims.usage import ToolError, UnknownUsageError, say


def patch(request: Request) -> int:
    """Merge a patch into the parts of an object that the sandbox keeps."""
    kept = Kept(request.control.state.kept)
    found = chosen(request, request.kind, observe(request.control))
    options = request.options
    text = options.patch if options.patch else _read(options.patch_file)
    try:
        changes = json.loads(text)
    except ValueError as error:
        raise ToolError(f"error: unable to parse {text!r}: {error}") from error
    if isinstance(changes, list):
        changes = _merged(changes)
    name = found[0]["metadata"]["name"]
    if not options.dry_run:
        _apply(request, kept, request.kind, changes)
    suffix = " (server dry run)" if options.dry_run else ""
    say(f"{qualified(request.kind)}/{name} patched{suffix}")
    return 0


def _apply(request: Request, kept: Kept, kind: str, changes: dict[str, Any]) -> None:
    spec = changes.get("spec") or {}
    for key, value in ((changes.get("metadata") or {}).get("annotations") or {}).items():
        kept.set(f"annotation.{key}", value)
    if kind == "horizontalpodautoscaler":
        for field in ("minReplicas", "maxReplicas"):
            if field in spec:
                kept.set(f"hpa.{field}", spec[field])
    elif kind == "cronjob" and "suspend" in spec:
        kept.set("cronjob.suspend", spec["suspend"] or None)
    elif kind == "configmap":
        for key, value in (changes.get("data") or {}).items():
            kept.set(f"configmap.{key}", value)
    elif kind == "deployment":
        _patch_deployment(request, kept, spec)
    elif spec and kind not in {"poddisruptionbudget", "service", "ingress", "statefulset"}:
        raise UnknownUsageError(f"patch {kind}")


def _patch_deployment(request: Request, kept: Kept, spec: dict[str, Any]) -> None:
    if "replicas" in spec:
        request.control.post(f"/scale/{spec['replicas']}")
    if "template" not in spec:
        return
    pod = spec["template"].get("spec") or {}
    for container in pod.get("containers") or ():
        if container.get("name") not in {APP, None}:
            continue
        for each in container.get("env") or ():
            kept.set(f"env.{each['name']}", each.get("value"))
        if "image" in container:
            kept.set("image", container["image"])
        for part, values in (container.get("resources") or {}).items():
            kept.set(f"resources.{part}", {**kept.get(f"resources.{part}", {}), **values})
    begin_rollout(request, "kubectl patch")


def _merged(operations: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a JSON patch of replacements as a merge patch."""
    merged: dict[str, Any] = {}
    for operation in operations:
        if operation["op"] not in {"replace", "add"}:
            raise UnknownUsageError(f"patch operation {operation['op']}")
        place = merged
        *above, last = operation["path"].strip("/").split("/")
        for name in above:
            place = place.setdefault(name, {})
        place[last] = operation["value"]
    return merged


def annotate(request: Request) -> int:
    """Set or remove annotations; labels are taken note of likewise."""
    kept = Kept(request.control.state.kept)
    resource = request.options.resource
    pairs = [word for word in resource if "=" in word or word.endswith("-")]
    request.options.resource = [word for word in resource if word not in pairs]
    chosen(request, request.kind, observe(request.control))
    verb = request.options.verb
    for pair in pairs:
        name, equals, value = pair.partition("=")
        key = f"{'annotation' if verb == 'annotate' else 'label'}.{name.removesuffix('-')}"
        if equals and kept.get(key) is not None and not request.options.overwrite:
            found = f"the following declared annotation(s): '{name}'"
            raise ToolError(f"error: --overwrite is false but found {found}")
        kept.set(key, value if equals else None)
    done = "annotated" if verb == "annotate" else "labeled"
    say(f"{qualified(request.kind)}/{request.names[0]} {done}")
    return 0


def _read(name: str | None) -> str:
    if not name:
        raise ToolError(
            "error: must specify --patch or --patch-file containing the contents of the patch"
        )
    from pathlib import Path

    return Path(name).read_text()
