"""The ``[environment.NAME.targets.TARGET]`` tables become addresses of deployments."""

import re

from procedures.environment import Method, TargetAddress
from procedures.errors import SettingsError
from tui.settings.endpoints import EndpointReader
from tui.settings.table import Table

_OF_METHOD = {
    Method.DOCKER: ("project", "engine"),
    Method.KUBERNETES: ("context", "kubeconfig", "namespace", "selector"),
    Method.SYSTEMD: ("units",),
}
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@:/\\-]*", re.ASCII)
_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_ENGINE = re.compile(r"(unix:///|tcp://|ssh://|https?://)\S+", re.ASCII)
_UNIT = re.compile(r"[A-Za-z0-9*?\[][A-Za-z0-9:_.@*?\[\]\\-]*", re.ASCII)


def read_targets(
    table: Table, method: Method, *, endpoints: EndpointReader
) -> tuple[TargetAddress, ...]:
    """Return the targets as far as they can be read; the rest is in ``table.problems``.

    Args:
        table: Of tables, by the targets' names.
        method: Of the environment: at least one target must be of it.
        endpoints: Knows where relative paths start.
    """
    targets = tuple(_target(name, table.table(name), endpoints) for name in table)
    if targets and all(each.method is not method for each in targets):
        table.problems.add(
            table.at,
            f"has no target that is deployed by {method.value}, as the environment is",
            fix=f'Give one of them method = "{method.value}", or correct the environment\'s method',
        )
    return targets


def _target(name: str, table: Table, endpoints: EndpointReader) -> TargetAddress:
    method = table.choice("method", tuple(Method))
    default = TargetAddress(name=name, method=method)
    known = _OF_METHOD[method]
    for keys in _OF_METHOD.values():
        for key in keys:
            if key not in known and key in table:
                table.take(key)
                table.refuse(
                    key, f"says nothing to {method.value}", fix=f"Use {' or '.join(known)}"
                )
    target = TargetAddress(
        name=name,
        method=method,
        service=table.parsed("service", _name, default.service),
        context=table.text("context") if "context" in known else "",
        kubeconfig=endpoints.path(table, "kubeconfig") if "kubeconfig" in known else None,
        namespace=table.parsed("namespace", _namespace, "") if "namespace" in known else "",
        selector=table.text("selector") if "selector" in known else "",
        project=table.parsed("project", _name, "") if "project" in known else "",
        engine=table.parsed("engine", _engine, "") if "engine" in known else "",
        units=_units(table) if "units" in known else (),
    )
    table.close()
    return target


def _units(table: Table) -> tuple[str, ...]:
    units = []
    for value in table.array("units"):
        if isinstance(value, str) and _UNIT.fullmatch(value):
            units.append(value)
        else:
            table.refuse(
                "units",
                "holds what is no name of a unit",
                fix='Write names or patterns: ["postgresql.service", "llm-config-*"]',
            )
    return tuple(units)


def _name(written: str) -> str:
    if not _SAFE.fullmatch(written):
        raise SettingsError(
            f"{written!r} is no name", fix="Begin with a letter or a digit, and use no spaces"
        )
    return written


def _namespace(written: str) -> str:
    if not _NAMESPACE.fullmatch(written):
        raise SettingsError(
            f"{written!r} is no name of a namespace",
            fix="Use at most 63 small letters, digits and dashes",
        )
    return written


def _engine(written: str) -> str:
    if not _ENGINE.fullmatch(written):
        raise SettingsError(
            f"{written!r} is no address of an engine",
            fix="Write it like unix:///run/docker.sock, tcp://host:2376 or ssh://user@host",
        )
    return written
