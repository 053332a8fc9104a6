"""For which deployment methods a command is, by the tools that it calls."""

import re
from collections.abc import Sequence

from procedures.environment import Method
from procedures.risk.syntax import Call, syntax_of
from procedures.risk.words import base_name

_TOOLS = {
    "docker-compose": Method.DOCKER,
    "docker": Method.DOCKER,
    "kubectl": Method.KUBERNETES,
    "oc": Method.KUBERNETES,
    "helm": Method.KUBERNETES,
    "systemctl": Method.SYSTEMD,
    "journalctl": Method.SYSTEMD,
}
_NOT_DEPLOYED = frozenset({"build", "push", "pull", "login", "tag", "version", "info", "--version"})
_WRAPPERS = frozenset(
    {"sudo", "doas", "time", "timeout", "watch", "nohup", "env", "xargs", "exec", "command", "nice"}
)
_MENTIONS = re.compile(r"\b(?:docker|kubectl|oc|helm|systemctl|journalctl)\b")


def methods_of(script: str) -> tuple[Method, ...]:
    """Return the one method whose tools ``script`` calls; none if there are several, or none.

    Args:
        script: With its placeholders masked.
    """
    if not _MENTIONS.search(script):
        return ()
    found = {method for call in syntax_of(script).calls for method in _methods(call)}
    return tuple(found) if len(found) == 1 else ()


def _methods(call: Call) -> Sequence[Method]:
    names = [base_name(word) for word in call.words]
    position = 0
    while position < len(names) - 1 and names[position] in _WRAPPERS:
        position += 1
        while position < len(names) - 1 and (
            call.words[position].text.startswith("-")
            or names[position][:1].isdecimal()
            or "=" in call.words[position].text
        ):
            position += 1
    if position >= len(names) or names[position] not in _TOOLS:
        return ()
    verb = names[position + 1] if position + 1 < len(names) else ""
    if names[position] == "docker" and verb in _NOT_DEPLOYED:
        return ()
    return (_TOOLS[names[position]],)
