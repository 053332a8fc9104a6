"""Programs that run in a container, over the WebSocket of the API server's ``exec``.

The library's own client for it passes neither a proxy nor the name of the certificate on, and keeps
all that is printed; so the socket is opened here, with the same trust.
Source: ``v4.channel.k8s.io``; the first byte of each frame is its channel.
"""

import asyncio
import json
import re
from collections.abc import Sequence

import aiohttp

from procedures.targets.kubernetes.fields import Json, part, parts, text
from procedures.targets.kubernetes.session import Session
from procedures.targets.target import Answer

PROTOCOL = "v4.channel.k8s.io"
PATH = "/api/v1/namespaces/{namespace}/pods/{name}/exec"
MOST_BYTES = 1_048_576
_OUTPUT, _COMPLAINT, _STATUS = 1, 2, 3
_NOT_FOUND, _NOT_RUN = 127, 126
_MISSING = re.compile(r"executable file not found|no such file or directory", re.IGNORECASE)
_FAILED_TO_RUN = re.compile(r"exec failed|failed to exec|unable to start container", re.IGNORECASE)


async def run(
    session: Session, pod: str, container: str, argv: Sequence[str], time_limit_s: float
) -> Answer:
    """Run a program without a terminal and without input, and return what it says."""
    asked = [("container", container), ("stdout", "true"), ("stderr", "true")]
    asked += [("command", each) for each in argv]
    _, url, headers, _, _ = await session.client.param_serialize(
        "GET",
        PATH,
        path_params={"namespace": session.access.namespace, "name": pod},
        query_params=asked,
        auth_settings=["BearerToken"],
    )
    said = {_OUTPUT: bytearray(), _COMPLAINT: bytearray(), _STATUS: bytearray()}
    configuration = session.client.configuration
    connector = aiohttp.TCPConnector(ssl=session.client.rest_client.ssl_context)
    async with (
        asyncio.timeout(time_limit_s),
        aiohttp.ClientSession(connector=connector) as pool,
        pool.ws_connect(
            url.replace("http", "ws", 1),
            headers=headers,
            protocols=(PROTOCOL,),
            proxy=configuration.proxy,
            server_hostname=configuration.tls_server_name,
            max_msg_size=2 * MOST_BYTES,
            autoclose=False,
        ) as socket,
    ):
        try:
            async for frame in socket:
                if frame.type is not aiohttp.WSMsgType.BINARY or not frame.data:
                    continue
                kept = said.get(frame.data[0])
                if kept is not None:
                    kept += frame.data[1 : 1 + max(0, MOST_BYTES - len(kept))]
        finally:
            # Breaks the connection off, where closing the socket would wait for the server.
            await connector.close()
    return answer_of(bytes(said[_OUTPUT]), bytes(said[_COMPLAINT]), bytes(said[_STATUS]))


def answer_of(output: bytes, complaint: bytes, status: bytes) -> Answer:
    """Return what a program said, and its exit status from what the API says of its end."""
    try:
        ended = part({"status": json.loads(status)}, "status")
    except ValueError:
        ended = {"message": "the connection broke before the program ended"}
    printed, complained = output.decode("utf-8", "replace"), complaint.decode("utf-8", "replace")
    code = _code(ended, printed + complained)
    if code in {_NOT_FOUND, _NOT_RUN} and not complained:
        # The runtime tells on the program's own output why it did not run it.
        printed, complained = "", printed or text(ended, "message")
    return Answer(status=code, output=printed, complaint=complained or _why(ended, code))


def _why(ended: Json, code: int) -> str:
    return text(ended, "message") if code else ""


def _code(ended: Json, printed: str) -> int:
    if ended.get("status") == "Success":
        return 0
    for cause in parts(ended, "details", "causes"):
        if cause.get("reason") == "ExitCode" and text(cause, "message").isdecimal():
            return int(text(cause, "message"))
    message = f"{text(ended, 'message')} {printed}"
    if _FAILED_TO_RUN.search(message) or _MISSING.search(message):
        return _NOT_FOUND if _MISSING.search(message) else _NOT_RUN
    return 255
