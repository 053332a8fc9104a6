"""What a command that acts on a deployment finds in its environment."""

import os
from collections.abc import Mapping
from types import MappingProxyType

from procedures.environment import Environment
from procedures.targets.addresses import facts_of

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
        "KUBERNETES_SERVICE_HOST",
        "KUBERNETES_SERVICE_PORT",
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
        "BINARY": "/usr/local/bin/llm-config-server",
        "CONFIG_DIR": "/etc/llm-config",
        "DATABASE": "llm_config",
        "DATABASE_USER": "llm_config_user",
        "DATA_DIR": "/var/lib/llm-config",
        "LOG_DIR": "/var/log/llm-config",
        "PROJECT_DIR": ".",
        "SECRETS_FILE": "/etc/default/llm-config-manager",
        # There is no terminal: no pager may wait for a key, no colour is wanted.
        "TERM": "dumb",
        "PAGER": "cat",
        "SYSTEMD_PAGER": "cat",
        "NO_COLOR": "1",
    }
)
"""Names as the service's own manifests give them."""

_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def step_variables(
    environment: Environment,
    inputs: Mapping[str, str],
    *,
    inherited: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """Return the whole environment of a step's command.

    An address that the settings do not give is absent, so that a command which needs it fails at
    once instead of reaching some other service. Later parts override earlier ones: the
    operator's own environment, defaults, the settings, their targets and ``facts``, inputs, PATH.
    """
    variables = {name: value for name, value in inherited.items() if name in _INHERITED}
    variables |= _DEFAULTS | _addresses(environment) | facts_of(environment)
    variables |= dict(environment.facts) | dict(inputs)
    path = inherited.get("PATH", _SYSTEM_PATH)
    variables["PATH"] = os.pathsep.join([*map(str, environment.step_path), path])
    return variables


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
