"""What goes wrong with a Docker engine, in an operator's words."""

import errno
import json

import aiohttp
import docker.errors
import requests.exceptions
import urllib3.exceptions

from procedures.errors import SourceError
from procedures.execution.cleaning import clean_line

FAULTS = (
    docker.errors.DockerException,
    requests.exceptions.RequestException,
    urllib3.exceptions.HTTPError,
    aiohttp.ClientError,
    OSError,
    ValueError,
)
"""All that is raised for an engine that cannot be reached, or that answers oddly."""

_LONGEST = 300
_NOT_FOUND, _CONFLICT = 404, 409


def refused(status: int, said: str, address: str) -> SourceError:
    """Return what an engine's refusal means.

    Args:
        status: Of the answer.
        said: Its body, or what it says of the cause.
        address: Of the engine.
    """
    said = clean_line(_message(said))[:_LONGEST]
    if status == _NOT_FOUND:
        return SourceError(f"the Docker engine does not know it: {said}", fix="Look again")
    if status == _CONFLICT:
        return SourceError(f"that container cannot do it now: {said}", fix="Look what it does")
    if "does not support reading" in said:
        return SourceError(
            f"its log cannot be read here: {said}",
            fix="Read it where its logging driver sends it, or set the driver to json-file",
        )
    if "HTTPS server" in said:
        return SourceError(
            f"the Docker engine at {address} wants TLS",
            fix="Set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH",
        )
    return SourceError(
        f"the Docker engine at {address} answered {status}: {said}",
        fix="Look at the engine's own log: journalctl -u docker",
    )


def source_error(error: BaseException, address: str) -> SourceError:
    """Return what is wrong with the engine at ``address``, and what to do."""
    if isinstance(error, docker.errors.APIError) and error.response is not None:
        return refused(error.response.status_code, str(error.explanation or error), address)
    number, text = _cause(error)
    if number == errno.ENOENT or "No such file or directory" in text:
        return SourceError(
            f"there is no Docker engine at {address}: the socket is missing",
            fix="Start it (sudo systemctl start docker), or correct `engine` or DOCKER_HOST",
        )
    if number in {errno.EACCES, errno.EPERM} or "Permission denied" in text:
        return SourceError(
            f"this operator may not use the Docker engine at {address}",
            fix="Join the group docker (sudo usermod -aG docker $USER) and log in again",
        )
    if number == errno.ECONNREFUSED or "Connection refused" in text:
        return SourceError(
            f"nothing listens at {address}: the Docker engine is down",
            fix="Start it: sudo systemctl start docker",
        )
    if "timed out" in text.lower() or isinstance(error, TimeoutError):
        return SourceError(
            f"the Docker engine at {address} accepts connections and answers nothing",
            fix="Look at its load and its log, or restart it: sudo systemctl restart docker",
        )
    if "name resolution" in text or "not known" in text or "getaddrinfo" in text:
        return SourceError(
            f"the host of the Docker engine at {address} is not known",
            fix="Correct `engine` or DOCKER_HOST",
        )
    if "certificate" in text.lower() or "ssl" in text.lower() or "TLS" in text:
        return _distrusted(text, address)
    return SourceError(
        f"the Docker engine at {address} gives no usable answer: {clean_line(text)[:_LONGEST]}",
        fix=f"Try `docker -H {address} version`",
    )


def _distrusted(text: str, address: str) -> SourceError:
    fix = "Check DOCKER_CERT_PATH and DOCKER_TLS_VERIFY, or the certificates of the context"
    if "expired" in text:
        fix = "Renew the certificate that has expired"
    elif "not yet valid" in text:
        fix = "Set this machine's clock: the certificate begins later than it shows"
    return SourceError(
        f"the Docker engine at {address} is not trusted: {clean_line(text)[:_LONGEST]}", fix=fix
    )


def _message(said: str) -> str:
    try:
        return str(json.loads(said)["message"])
    except (ValueError, KeyError, TypeError):
        return said.strip()


def _cause(error: BaseException) -> tuple[int, str]:
    """Return the error number at the bottom of a chain of errors, and all that was said."""
    number, said, seen = 0, str(error), error
    for _ in range(12):
        if isinstance(seen, OSError) and seen.errno:
            number = seen.errno
        inner = seen.__cause__ or seen.__context__
        if inner is None and seen.args and isinstance(seen.args[0], BaseException):
            inner = seen.args[0]
        if inner is None:
            break
        seen = inner
        said = f"{said} {inner}"
    return number, said
