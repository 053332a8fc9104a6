"""What a step's command finds in its environment: the target's facts and the operator's inputs."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from procedures.environment import Environment
from procedures.errors import RunError
from procedures.runbook.model import Input, Procedure

_INHERITED = frozenset(
    {
        "COMPOSE_FILE",
        "COMPOSE_PROJECT_NAME",
        "DOCKER_CERT_PATH",
        "DOCKER_CONFIG",
        "DOCKER_CONTEXT",
        "DOCKER_HOST",
        "DOCKER_TLS_VERIFY",
        "HOME",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "KUBECONFIG",
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "LOGNAME",
        "NO_PROXY",
        "SHELL",
        "SSH_AUTH_SOCK",
        "TMPDIR",
        "TZ",
        "USER",
        "XDG_RUNTIME_DIR",
        "http_proxy",
        "https_proxy",
        "no_proxy",
    }
)
"""What commands need of the operator's own environment to reach their targets; nothing else."""

_DEFAULTS = MappingProxyType(
    {
        "NAMESPACE": "llm-config",
        "DEPLOYMENT": "llm-config-manager",
        "SERVICE": "llm-config-manager",
        "UNIT": "llm-config-manager",
        "BACKUP_DIR": "/var/lib/llm-config/backups",
        "DATA_DIR": "/var/lib/llm-config",
        # There is no terminal: no pager may wait for a key, no colour is wanted.
        "TERM": "dumb",
        "PAGER": "cat",
        "SYSTEMD_PAGER": "cat",
        "NO_COLOR": "1",
    }
)
"""Names as the service's own manifests give them."""

_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_REFERENCE = re.compile(r"\$(?:\{#?)?([A-Za-z_][A-Za-z0-9_]*)")


def step_variables(
    environment: Environment,
    inputs: Mapping[str, str],
    *,
    inherited: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """Return the whole environment of a step's command.

    An address that the settings do not give is absent, so that a command which needs it fails at
    once instead of reaching some other service. Later parts override earlier ones: the
    operator's own environment, defaults, the settings, their ``facts``, inputs, PATH.
    """
    variables = {name: value for name, value in inherited.items() if name in _INHERITED}
    variables |= _DEFAULTS | _addresses(environment) | dict(environment.facts) | dict(inputs)
    path = inherited.get("PATH", _SYSTEM_PATH)
    variables["PATH"] = os.pathsep.join([*map(str, environment.step_path), path])
    return variables


def referenced(script: str, variables: Mapping[str, str]) -> dict[str, str]:
    """Return those of ``variables`` that ``script`` mentions, in the order of their mention."""
    names = dict.fromkeys(_REFERENCE.findall(script))
    return {name: variables[name] for name in names if name in variables}


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Return ``text`` with ``$NAME`` and ``${NAME}`` replaced; RunError for an unknown name."""

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name not in variables:
            raise RunError(f"${name} is not known here", fix=f"Give {name} among the facts")
        return variables[name]

    return re.sub(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))", value, text)


def validate_inputs(procedure: Procedure, values: Mapping[str, str]) -> Mapping[str, str]:
    """Return ``values`` completed by defaults; RunError listing all that is wrong with them."""
    problems = [
        f"{name}: there is no such input" for name in values if name not in procedure.inputs
    ]
    accepted: dict[str, str] = {}
    for name, asked in procedure.inputs.items():
        value = values.get(name, asked.default)
        if value is None:
            problems.append(f"{name}: a value is needed")
            continue
        if problem := _problem(asked, value):
            problems.append(f"{name}: {problem}")
        accepted[name] = value
    if problems:
        raise RunError(
            f"{procedure.id} cannot begin: {'; '.join(problems)}", fix="Correct these inputs"
        )
    return MappingProxyType(accepted)


def _addresses(environment: Environment) -> dict[str, str]:
    metrics = environment.metrics[0] if environment.metrics else None
    endpoints = {
        "API": environment.api,
        "HEALTH": environment.health,
        "METRICS": metrics,
        "PROMETHEUS": environment.prometheus,
        "ALERTMANAGER": environment.alertmanager,
    }
    found = {name: endpoint.url for name, endpoint in endpoints.items() if endpoint}
    directories = {"BACKUP_DIR": environment.backup_dir, "DATA_DIR": environment.data_dir}
    return found | {name: str(path) for name, path in directories.items() if path}


def _problem(asked: Input, value: str) -> str:
    if "\0" in value or "\n" in value:
        return "it must be one line"
    match asked.type:
        case "integer":
            return _integer_problem(asked, value)
        case "choice" if value not in asked.choices:
            return f"{value!r} is none of {', '.join(asked.choices)}"
        case "path" if not value:
            return "a path is needed"
        case "path" if asked.must_exist and not Path(value).exists():
            return f"{value} does not exist"
    return ""


def _integer_problem(asked: Input, value: str) -> str:
    # int() also takes " 3_0 ", which a command would not.
    if not re.fullmatch(r"[+-]?[0-9]+", value):
        return f"{value!r} is not a whole number"
    if asked.minimum is not None and int(value) < asked.minimum:
        return f"{value} is less than {asked.minimum}"
    if asked.maximum is not None and int(value) > asked.maximum:
        return f"{value} is more than {asked.maximum}"
    return ""
