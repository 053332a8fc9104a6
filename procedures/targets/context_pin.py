"""Steps stay in the cluster that the console shows, whatever becomes of the kubeconfig; blocks."""

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from procedures.environment import Environment, Method
from procedures.targets.addresses import addresses_of

_CURRENT = re.compile(r"^current-context:[ \t]*[\"']?([^\s\"'#]+)", re.MULTILINE)
_DEFAULT = Path(".kube") / "config"


def with_pinned_context(
    environment: Environment, folder: Path, *, variables: Mapping[str, str] = os.environ
) -> Environment:
    """Return the environment with ``KUBECONFIG`` for its steps, and with the context that they use.

    ``kubectl`` takes the current context from the first of several files that names one. A small
    file that names nothing else goes before the operator's own: no credential is copied, and
    ``kubectl config use-context`` in another terminal redirects no step.

    Args:
        environment: Whose steps are to stay where they are.
        folder: A directory of the console's own.
        variables: The operator's environment.
    """
    if environment.method is not Method.KUBERNETES:
        return environment
    address = addresses_of(environment)[0]
    own = [str(address.kubeconfig)] if address.kubeconfig else _own_files(variables)
    context = address.context or current_context(own)
    if not context or os.pathsep in str(folder):
        return environment
    pin = folder / f"{environment.name}.kubeconfig"
    text = f"apiVersion: v1\nkind: Config\ncurrent-context: {_quoted(context)}\n"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not pin.exists() or pin.read_text() != text:
            pin.write_text(text)
        pin.chmod(0o600)  # kubectl complains about one that others may read
    except OSError:  # the target says what is wrong as soon as the context is another one
        return environment
    pinned = replace(address, context=context)
    others = addresses_of(environment)[1:]
    facts = {
        **environment.facts,
        "KUBECONFIG": os.pathsep.join([str(pin), *own]),
        "KUBE_CONTEXT": context,
    }
    if address.namespace:
        facts.setdefault("NAMESPACE", address.namespace)
    return replace(environment, targets=(pinned, *others), facts=MappingProxyType(facts))


def current_context(files: list[str]) -> str:
    """Return the context that ``kubectl`` would use: that of the first file that names one."""
    for file in files:
        try:
            found = _CURRENT.search(Path(file).read_text(errors="replace"))
        except OSError:
            continue
        if found:
            return found[1]
    return ""


def _own_files(variables: Mapping[str, str]) -> list[str]:
    if listed := variables.get("KUBECONFIG", ""):
        return [each for each in listed.split(os.pathsep) if each]
    return [str(Path(variables.get("HOME", "~")).expanduser() / _DEFAULT)]


def _quoted(text: str) -> str:
    """Return text as a YAML string."""
    return "'" + text.replace("'", "''") + "'"
