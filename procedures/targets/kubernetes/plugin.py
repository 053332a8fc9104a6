"""Credential plugins of a kubeconfig: programs that print a token or a certificate.

Source: the ``ExecCredential`` of ``client.authentication.k8s.io``.
"""

import asyncio
import json
import os
import shutil
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO

from procedures.errors import SourceError
from procedures.execution.cleaning import clean_line
from procedures.targets.kubernetes.access import Access
from procedures.targets.kubernetes.fields import Json, instant, part, parts, text

TIME_LIMIT_S = 10.0
_LONGEST_SAID = 300
_MOST_BYTES = 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What a plugin gave.

    Attributes:
        expires_at: When it ends; None if the plugin did not say.
    """

    token: str = field(default="", repr=False)
    certificate: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    expires_at: datetime | None = None


async def granted(
    access: Access, variables: Mapping[str, str], time_limit_s: float = TIME_LIMIT_S
) -> Granted:
    """Run the plugin of a user and return what it gives; it gets no terminal."""
    plugin = part(access.user.value, "exec")
    command = text(plugin, "command")
    if plugin.get("interactiveMode") == "Always":
        raise SourceError(
            f"the credential plugin {command} of user {access.who} must have a terminal",
            fix=f"Log in with it in another terminal, and set a user that needs none; "
            f"`kubectl --context {access.context} get pods` tries it",
        )
    status, output, complaint = await _run(access, plugin, variables, time_limit_s)
    said = _said(complaint)
    tried = f"Try `kubectl --context {access.context} get pods` in a terminal, and log in again"
    if status:
        raise SourceError(
            f"the credential plugin {command} of user {access.who} ended with exit status {status}"
            f" and said: {said}",
            fix=tried,
        )
    try:
        answer: object = json.loads(output)
    except ValueError as error:
        raise SourceError(
            f"the credential plugin {command} of user {access.who} printed no credential; it said:"
            f" {said}",
            fix=tried,
        ) from error
    given = part(answer, "status")
    found = Granted(
        token=text(given, "token"),
        certificate=text(given, "clientCertificateData"),
        key=text(given, "clientKeyData"),
        expires_at=instant(given, "expirationTimestamp"),
    )
    if not found.token and not (found.certificate and found.key):
        raise SourceError(
            f"the credential plugin {command} of user {access.who} gave neither token nor"
            f" certificate; it said: {said}",
            fix=tried,
        )
    return found


async def _run(
    access: Access, plugin: Json, variables: Mapping[str, str], time_limit_s: float
) -> tuple[int, bytes, bytes]:
    command = text(plugin, "command")
    program = _program(access, command, variables)
    if program is None:
        hint = clean_line(text(plugin, "installHint").strip())
        raise SourceError(
            f"the credential plugin {command} of user {access.who} is not installed here",
            fix=hint or f"Install {command}, or log in so that the kubeconfig needs none",
        )
    given = plugin.get("args")
    arguments = [str(each) for each in given] if isinstance(given, list) else []
    # Files, not pipes: what a plugin leaves running may hold its output open, and we do not wait.
    with TemporaryFile() as output, TemporaryFile() as complaint:
        try:
            process = await asyncio.create_subprocess_exec(
                *(program, *arguments),
                env=_environment(access, plugin, variables),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=complaint,
                # Without a session of its own it could still ask at the console's terminal.
                start_new_session=True,
            )
        except OSError as error:
            raise SourceError(
                f"the credential plugin {program} cannot be run: {error.strerror}",
                fix=f"Look at `ls -l {program}`",
            ) from error
        try:
            async with asyncio.timeout(time_limit_s):
                status = await process.wait()
        except TimeoutError as error:
            said = _said(_content(complaint) or _content(output))
            raise SourceError(
                f"the credential plugin {command} of user {access.who} gave no answer within"
                f" {time_limit_s:g} s; it said: {said}",
                fix="It may wait for somebody to log in, and has no terminal here: "
                f"`kubectl --context {access.context} get pods` in a terminal",
            ) from error
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        return status, _content(output), _content(complaint)


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(_MOST_BYTES)


def _program(access: Access, command: str, variables: Mapping[str, str]) -> str | None:
    """Return the program's path; one with a slash is relative to its kubeconfig."""
    if os.sep in command:
        return shutil.which(str(access.user.folder / command))
    return shutil.which(command, path=variables.get("PATH")) if command else None


def _environment(access: Access, plugin: Json, variables: Mapping[str, str]) -> dict[str, str]:
    spec: dict[str, object] = {"interactive": False}
    if plugin.get("provideClusterInfo") is True:
        spec["cluster"] = dict(access.cluster.value)
    asked = {"apiVersion": text(plugin, "apiVersion"), "kind": "ExecCredential", "spec": spec}
    given = {text(each, "name"): text(each, "value") for each in parts(plugin, "env")}
    return {**variables, **given, "KUBERNETES_EXEC_INFO": json.dumps(asked)}


def _said(complaint: bytes) -> str:
    """Return what a plugin complained of, harmless and short: its end, which tells the cause."""
    said = clean_line(complaint.decode("utf-8", "replace").strip())
    return said[-_LONGEST_SAID:] or "nothing"
