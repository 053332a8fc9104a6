"""The secrets that an environment's settings hold, to be taken out of all that is shown or kept."""

import re
from collections.abc import Iterator

from procedures.environment import Endpoint, Environment
from procedures.errors import SourceError
from procedures.signals.secrets import resolve

_TELLING = re.compile(
    r"passw(?:or)?d|passphrase|secret|token|credential|pwd|cookie|auth(?:orization)?$"
    r"|(?:^|[_-])(?:api|access|private|encryption|signing|master|auth)?[_-]?key$",
    re.IGNORECASE,
)
_ABOUT_A_SECRET = re.compile(r"(?:_|-)(?:file|path|dir|name|id|url|type)$", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"://[^\s:/@]*:([^\s/@]+)@")


def secret_values(environment: Environment) -> tuple[str, ...]:
    """Return each secret value once. Blocks: it may read files and run commands.

    What cannot be resolved is left out; whoever needs it reports that.
    """
    endpoints = (
        environment.prometheus,
        environment.alertmanager,
        environment.health,
        environment.api,
        *environment.metrics,
    )
    found = [value for each in endpoints if each for value in _of_endpoint(each)]
    found += _URL_PASSWORD.findall(environment.history_url)
    for name, value in environment.facts.items():
        found += _URL_PASSWORD.findall(value)
        if _TELLING.search(name) and not _ABOUT_A_SECRET.search(name):
            found.append(value)
    return tuple(dict.fromkeys(value for value in found if value))


def _of_endpoint(endpoint: Endpoint) -> Iterator[str]:
    for secret in (endpoint.bearer, endpoint.password):
        if secret is None:
            continue
        try:
            yield resolve(secret)
        except SourceError:
            continue
    yield from _URL_PASSWORD.findall(endpoint.url)
    for name, value in endpoint.headers.items():
        if _TELLING.search(name):
            yield value
            # Without the scheme: "Basic dXNlcjpw…".
            yield value.rpartition(" ")[2]
