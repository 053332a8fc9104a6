"""What goes wrong with a Docker engine, in an operator's words."""

import errno

import docker.errors
import requests.exceptions
import urllib3.exceptions

from procedures.errors import SourceError
from procedures.execution.cleaning import clean_line

FAULTS = (
    docker.errors.DockerException,
    requests.exceptions.RequestException,
    urllib3.exceptions.HTTPError,
    OSError,
    ValueError,
)
"""All that the SDK raises for an engine that cannot be reached, or that answers oddly."""

_NOT_FOUND = 404


def source_error(error: Exception, address: str) -> SourceError:
    """Return what is wrong with the engine at ``address``, and what to do."""
    if isinstance(error, docker.errors.APIError) and error.response is not None:
        said = clean_line(str(error.explanation or error))
        if error.status_code == _NOT_FOUND:
            return SourceError(f"the Docker engine does not know it: {said}", fix="Look again")
        return SourceError(
            f"the Docker engine at {address} answered {error.status_code}: {said}",
            fix="Look at the engine's own log: journalctl -u docker",
        )
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
    if "certificate" in text.lower() or "ssl" in text.lower():
        return SourceError(
            f"the Docker engine at {address} is not trusted: {clean_line(text)}",
            fix="Check DOCKER_CERT_PATH and DOCKER_TLS_VERIFY",
        )
    return SourceError(
        f"the Docker engine at {address} gives no usable answer: {clean_line(text)}",
        fix="Try `docker version` with the same DOCKER_HOST",
    )


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
