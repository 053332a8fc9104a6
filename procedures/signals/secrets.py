"""The value of a secret, from wherever the settings say that it is kept. Blocking."""

import os
import signal
import subprocess

from procedures.environment import Endpoint, Secret
from procedures.errors import SourceError

COMMAND_TIMEOUT_S = 10.0


def resolve(secret: Secret) -> str:
    """Return the secret's value; SourceError says what is wrong with it, never what it is."""
    if secret.env:
        value = os.environ.get(secret.env, "")
        place, fix = f"environment variable {secret.env}", "Set it before the console starts"
    elif secret.file is not None:
        place, fix = f"file {secret.file}", "Put the secret there, readable only by you"
        try:
            value = secret.file.read_text(encoding="utf-8").rstrip()
        except (OSError, ValueError):
            # The original error is left out: it may carry a part of the file.
            raise SourceError(f"the secret's {place} cannot be read", fix=fix) from None
    elif secret.command:
        place, fix = f"command {secret.command[0]}", "Run it by hand to see why"
        value = _output(secret.command, place, fix)
    else:
        value, place, fix = secret.inline, "settings entry", "Give env, file or command"
    if not value:
        raise SourceError(f"the secret's {place} is empty", fix=fix)
    if not value.isprintable():
        # A client would refuse to send it, and repeat it in the refusal.
        raise SourceError(f"the secret's {place} is not one line of plain text", fix=fix)
    return value


def _output(command: tuple[str, ...], place: str, fix: str) -> str:
    # The original errors are left out: they carry the command's words or output.
    try:
        status, output = _finished(command)
    except subprocess.TimeoutExpired:
        raise SourceError(
            f"the secret's {place} took more than {COMMAND_TIMEOUT_S:g} s", fix=fix
        ) from None
    except OSError as error:
        raise SourceError(
            f"the secret's {place} cannot be run: {error.strerror}", fix=fix
        ) from None
    except ValueError:
        raise SourceError(f"the secret's {place} did not print plain text", fix=fix) from None
    if status:
        raise SourceError(f"the secret's {place} ended with status {status}", fix=fix)
    return output.rstrip()


def _finished(command: tuple[str, ...]) -> tuple[int, str]:
    """Return exit status and output; in a session of its own, it cannot ask at the terminal."""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=COMMAND_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # with all that it started
            raise
    return process.returncode, output


def credentials_of(endpoint: Endpoint) -> tuple[str, tuple[bytes, bytes] | None]:
    """Return the bearer token (empty for none) and the pair for basic authentication.

    The pair is in UTF-8, as RFC 7617 lets a server ask for; clients differ in what they assume.
    """
    bearer = resolve(endpoint.bearer) if endpoint.bearer else ""
    if not bearer.isascii():
        raise SourceError(
            f"the token for {endpoint.url} has characters other than ASCII",
            fix="Copy it again from where it was issued",
        )
    if not endpoint.username:
        return bearer, None
    password = resolve(endpoint.password) if endpoint.password else ""
    return bearer, (endpoint.username.encode(), password.encode())
