"""kubectl apply, diff, create and delete, with manifests."""

import base64
import hashlib
import json
import re
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from procedures.sandbox.kept import Kept
from procedures.sandbox.shims.kube_cluster import known, objects
from procedures.sandbox.shims.kube_made import time_text
from procedures.sandbox.shims.kube_names import NAMESPACE
from procedures.sandbox.shims.kube_request import KINDS, Request, qualified
from procedures.sandbox.shims.observed import observe
from procedures.sandbox.shims.usage import ToolError, UnknownUsageError, say
from procedures.sandbox.shims.yaml_text import Manifest, claims_by_path, dumped, manifests


def apply(request: Request) -> int:
    """Take manifests into the cluster."""
    kept = Kept(request.control.state.kept)
    for manifest in _manifests(request):
        kind = _kind(manifest)
        state = _state(request, kept, kind, manifest)
        if request.options.dry_run:
            side = "server" if request.options.dry_run == "server" else ""
            state = "serverside-applied" if request.options.server_side else state
            suffix = f" ({side} dry run)" if side else " (dry run)"
        else:
            _keep(kept, kind, manifest)
            suffix = ""
            if request.options.server_side:
                state = "serverside-applied"
        say(f"{qualified(kind)}/{manifest.name} {state}{suffix}")
    return 0


def diff(request: Request) -> int:
    """Show what applying would change; 1 if it would change something."""
    kept = Kept(request.control.state.kept)
    differs = False
    for manifest in _manifests(request):
        kind = _kind(manifest)
        if _state(request, kept, kind, manifest) != "unchanged":
            differs = True
            say(f"diff -u -N live/{kind}.{manifest.name} merged/{kind}.{manifest.name}")
            say("\n".join(f"+{line}" for line in manifest.text.splitlines()))
    return 1 if differs else 0


def create(request: Request) -> int:
    """Make a job from a cron job, a secret or config map from files, or what manifests say."""
    options = request.options
    kept = Kept(request.control.state.kept)
    if options.file:
        for manifest in _manifests(request):
            kind = _kind(manifest)
            if _exists(request, kind, manifest.name):
                text = f'{qualified(kind, plural=True)} "{manifest.name}" already exists'
                raise ToolError(f"Error from server (AlreadyExists): {text}")
            if not options.dry_run:
                _keep(kept, kind, manifest)
            say(f"{qualified(kind)}/{manifest.name} created")
        return 0
    what, *words = options.resource
    if what == "job":
        return _create_job(request, kept, words[0])
    if what in {"secret", "configmap", "cm"}:
        return _create_data(request, kept, "secret" if what == "secret" else "configmap", words)
    if what in {"namespace", "ns"}:
        if words[0] in {NAMESPACE, "default"}:
            raise ToolError(
                f'Error from server (AlreadyExists): namespaces "{words[0]}" already exists'
            )
        raise UnknownUsageError(f"create namespace {words[0]}")
    raise UnknownUsageError(f"create {what}")


def delete_files(request: Request) -> int:
    """Remove what manifests name."""
    kept = Kept(request.control.state.kept)
    for manifest in _manifests(request):
        kind = _kind(manifest)
        key = f"applied.{kind}/{manifest.name}"
        if kept.get(key) is None and not request.options.ignore_not_found:
            plural = qualified(kind, plural=True)
            raise ToolError(f'Error from server (NotFound): {plural} "{manifest.name}" not found')
        kept.set(key, None)
        say(f'{qualified(kind)} "{manifest.name}" deleted')
    return 0


def _create_job(request: Request, kept: Kept, name: str) -> int:
    source = request.options.from_ or ""
    if source not in {"cronjob/llm-config-backup", "cj/llm-config-backup"}:
        found = source.partition("/")[2]
        raise ToolError(f'Error from server (NotFound): cronjobs.batch "{found}" not found')
    if kept.get(f"job.{name}") is not None:
        raise ToolError(f'error: failed to create job: jobs.batch "{name}" already exists')
    from procedures.clock import SystemClock
    from procedures.sandbox.backups import back_up

    back_up(request.control.state, clock=SystemClock())
    kept.set(f"job.{name}", observe(request.control).now)
    say(f"job.batch/{name} created")
    return 0


def _create_data(request: Request, kept: Kept, kind: str, words: list[str]) -> int:
    options = request.options
    name = words[-1]
    data = _data(options)
    if kind == "secret":
        data = {k: base64.b64encode(v.encode()).decode() for k, v in data.items()}
    made: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": {"secret": "Secret", "configmap": "ConfigMap"}[kind],
        "metadata": {"name": name, "namespace": NAMESPACE},
        "data": data,
    }
    if kind == "secret":
        made["type"] = "kubernetes.io/tls" if options.cert else "Opaque"
    if options.output == "yaml":
        say(dumped(made))
    elif options.output == "json":
        say(json.dumps(made, indent=4))
    if options.dry_run:
        if not options.output:
            say(f"{kind}/{name} created (dry run)")
        return 0
    if _exists(request, kind, name):
        raise ToolError(f'error: failed to create {kind}: {kind}s "{name}" already exists')
    _keep(kept, kind, Manifest(kind=made["kind"], name=name, text=json.dumps(made)))
    say(f"{kind}/{name} created")
    return 0


def _data(options: Namespace) -> dict[str, str]:
    """Return what the options say that a secret or config map holds."""
    if options.cert and options.key:
        return {"tls.crt": _read(Path(options.cert)), "tls.key": _read(Path(options.key))}
    data = dict(pair.partition("=")[::2] for pair in options.from_literal)
    for each in options.from_file:
        key, equals, path = each.partition("=")
        place = Path(path if equals else key)
        data[key if equals else place.name] = _read(place)
    for each in options.from_env_file:
        data.update(dict(re.findall(r"^([A-Za-z_]\w*)=(.*)$", _read(Path(each)), re.MULTILINE)))
    return data


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError as error:
        raise ToolError(f"error: error reading {path}: {error.strerror}") from error


def _manifests(request: Request) -> list[Manifest]:
    found = []
    for name in request.options.file or ():
        if name == "-":
            found += manifests(sys.stdin.read())
            continue
        path = Path(name)
        if not path.exists():
            raise ToolError(f'error: the path "{name}" does not exist')
        paths = sorted(path.glob("*.y*ml")) if path.is_dir() else [path]
        for each in paths:
            found += manifests(each.read_text())
    if not found:
        raise ToolError("error: no objects passed to apply")
    for manifest in found:
        if not manifest.name:
            raise ToolError("error: resource name may not be empty")
    return found


def _kind(manifest: Manifest) -> str:
    return KINDS.get(manifest.kind.lower(), manifest.kind.lower())


def _exists(request: Request, kind: str, name: str) -> bool:
    if kind in {"deployment", "pod"}:
        return kind == "deployment"
    if not known(kind):
        return False
    found = objects(kind, observe(request.control), request.control)
    return any(each["metadata"]["name"] == name for each in found)


def _state(request: Request, kept: Kept, kind: str, manifest: Manifest) -> str:
    before = kept.get(f"digest.{kind}/{manifest.name}")
    if before == _digest(manifest):
        return "unchanged"
    return "configured" if before or _exists(request, kind, manifest.name) else "created"


def _keep(kept: Kept, kind: str, manifest: Manifest) -> None:
    kept.set(f"digest.{kind}/{manifest.name}", _digest(manifest))
    try:
        made = json.loads(manifest.text)
    except ValueError:
        made = {"kind": manifest.kind, "metadata": {"name": manifest.name}}
    made["metadata"].setdefault("namespace", NAMESPACE)
    made["metadata"].setdefault("labels", {})
    made["metadata"].setdefault("annotations", {})
    made["metadata"]["creationTimestamp"] = time_text(_now())
    made["kind"] = kind
    for part in ("spec", "status", "data"):
        made.setdefault(part, {})
    kept.set(f"applied.{kind}/{manifest.name}", made)
    if kind == "pod":
        kept.set(f"mounts.pod/{manifest.name}", claims_by_path(manifest.text))


def _now() -> float:
    from time import time

    return time()


def _digest(manifest: Manifest) -> str:
    return hashlib.sha256(manifest.text.encode()).hexdigest()
