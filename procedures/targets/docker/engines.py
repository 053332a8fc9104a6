"""Which engine is meant, found as the ``docker`` command finds it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from procedures.errors import SourceError

DEFAULT = "unix:///var/run/docker.sock"
_SPOKEN = frozenset({"unix", "tcp", "http", "https"})
_TUNNEL = (
    "Forward its socket (ssh -nNT -L /tmp/engine.sock:/var/run/docker.sock HOST) and set"
    " `engine` to unix:///tmp/engine.sock"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Where an engine is, and what it asks for.

    Attributes:
        url: ``unix:///run/docker.sock`` or ``tcp://host:2376``.
        certificates: Directory of ``ca.pem``, ``cert.pem`` and ``key.pem``; None without TLS.
        verified: Whether its certificate has to be one of that authority.
        context: Name of the Docker context that led to it; empty without one.
    """

    url: str
    certificates: Path | None = None
    verified: bool = True
    context: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """What names it on a command line of ``docker`` or compose.

        It is always named: ``docker context use`` elsewhere must not redirect a command.
        """
        if self.context and self.certificates:
            return ("--context", self.context)
        return ("-H", self.url)


def named_engine(given: str, variables: Mapping[str, str]) -> str:
    """Return the address that the settings or ``DOCKER_HOST`` give; empty without one."""
    return given or variables.get("DOCKER_HOST", "")


def engine_of(given: str, variables: Mapping[str, str]) -> Engine:
    """Return the engine; SourceError for one that cannot be asked. Reads files.

    Args:
        given: Its address in the settings; empty for that of the variables, or of the context.
        variables: The environment of the ``docker`` command.
    """
    named = named_engine(given, variables)
    found = _of_address(named, variables) if named else _of_context(variables)
    parts = urlsplit(found.url)
    if parts.scheme not in _SPOKEN or not (parts.netloc or parts.path):
        fix = _TUNNEL if parts.scheme == "ssh" else f"Write it as {DEFAULT} or tcp://host:2376"
        raise SourceError(f"the Docker engine at {found.url} cannot be asked from here", fix=fix)
    return found


def _of_address(url: str, variables: Mapping[str, str]) -> Engine:
    secured = url.startswith("https:") or (
        bool(variables.get("DOCKER_TLS_VERIFY")) and not url.startswith("unix:")
    )
    folder = variables.get("DOCKER_CERT_PATH") or str(_settings(variables))
    return Engine(url=url, certificates=Path(folder) if secured else None)


def _of_context(variables: Mapping[str, str]) -> Engine:
    folder = _settings(variables)
    name = variables.get("DOCKER_CONTEXT") or _current_context(folder)
    if name in {"", "default"}:
        return Engine(url=DEFAULT)
    known = sha256(name.encode()).hexdigest()
    try:
        text = (folder / "contexts" / "meta" / known / "meta.json").read_text()
        endpoint = json.loads(text)["Endpoints"]["docker"]
        url, verified = str(endpoint["Host"]), not endpoint.get("SkipTLSVerify")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(
            f"the Docker context {name!r} cannot be read", fix="Try `docker context ls`"
        ) from error
    certificates = folder / "contexts" / "tls" / known / "docker"
    return Engine(
        url=url,
        certificates=certificates if certificates.is_dir() else None,
        verified=verified,
        context=name,
    )


def _current_context(folder: Path) -> str:
    try:
        found = json.loads((folder / "config.json").read_text())
        return str(found.get("currentContext") or "")
    except (OSError, ValueError, AttributeError):
        return ""  # as for the command: without a usable file it is the default engine


def _settings(variables: Mapping[str, str]) -> Path:
    given = variables.get("DOCKER_CONFIG")
    return Path(given) if given else Path(variables.get("HOME", "/")) / ".docker"
