"""One kubectl request, after its command line was read."""

import argparse
from dataclasses import dataclass

from procedures.sandbox.control_client import Control
from procedures.sandbox.shims.kube_objects import APP
from procedures.sandbox.shims.usage import ToolError, UnknownUsageError

_KINDS = {
    **dict.fromkeys(("pod", "pods", "po"), "pod"),
    **dict.fromkeys(("deployment", "deployments", "deploy", "deployment.apps"), "deployment"),
    **dict.fromkeys(("statefulset", "statefulsets", "sts"), "statefulset"),
    **dict.fromkeys(("event", "events", "ev"), "event"),
}
_PLURALS = {"deployment": "deployments.apps", "statefulset": "statefulsets.apps", "pod": "pods"}
_DEPENDENCIES = ("redis", "postgres")


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for.

    Attributes:
        here: Whether the namespace is the one that the service lives in.
    """

    control: Control
    options: argparse.Namespace
    here: bool

    @property
    def kind(self) -> str:
        """The kind of the resource: pod, deployment, statefulset or event."""
        first = self.options.resource[0].partition("/")[0]
        if first not in _KINDS:
            raise UnknownUsageError(f"resource {first}")
        return _KINDS[first]

    @property
    def names(self) -> list[str]:
        """The names after the kind, in either spelling."""
        first, *others = self.options.resource
        if "/" in first:
            return [word.partition("/")[2] for word in (first, *others)]
        return list(others)

    @property
    def app(self) -> str:
        """The app that the selector chooses; empty for all."""
        selector: str = self.options.selector
        if not selector:
            return ""
        terms = dict(term.partition("=")[::2] for term in selector.split(","))
        if set(terms) - {"app", "component"}:
            raise UnknownUsageError(f"selector {selector}")
        return terms.get("app", APP)

    def workload(self) -> str:
        """Return the one deployment or stateful set that is named; the tool's error if none."""
        kind, names = self.kind, self.names
        if kind not in {"deployment", "statefulset"} or len(names) != 1:
            raise UnknownUsageError(" ".join(self.options.resource))
        known = (APP,) if kind == "deployment" else _DEPENDENCIES
        if not self.here or names[0] not in known:
            raise self.not_found(names[0])
        return names[0]

    def not_found(self, name: str) -> ToolError:
        """Return the error for a name that does not exist."""
        return ToolError(f'Error from server (NotFound): {_PLURALS[self.kind]} "{name}" not found')
