"""Certificates of servers on loopback, valid when a test wants them to be."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

_AUTHORITY = """\
[ca]
default_ca = own
[own]
database = {home}/index
new_certs_dir = {home}
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = loopback
[any]
commonName = supplied
[loopback]
subjectAltName = {names}
basicConstraints = critical, CA:TRUE
"""


def certificate(
    home: Path,
    *,
    begins: str = "20200101000000Z",
    ends: str = "20990101000000Z",
    names: str = "IP:127.0.0.1",
) -> tuple[Path, Path]:
    """Make a certificate that is signed by itself; return it and its key.

    Args:
        home: A directory for what is made.
        begins: From when it is valid.
        ends: Until when.
        names: What it is made out to.
    """
    home.mkdir()
    (home / "index").touch()
    (home / "authority").write_text(_AUTHORITY.format(home=home, names=names))
    key, request, made = home / "key", home / "request", home / "certificate"
    new = ("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=server")
    _openssl(*new, "-keyout", key, "-out", request)
    signed = ("ca", "-selfsign", "-batch", "-notext", "-config", home / "authority")
    span = ("-startdate", begins, "-enddate", ends)
    _openssl(*signed, *span, "-keyfile", key, "-in", request, "-out", made)
    return made, key


def _openssl(*words: str | Path) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


@asynccontextmanager
async def serving(made: Path, key: Path, answer: bytes = b"") -> AsyncIterator[str]:
    """Serve with a certificate, the same answer to every request; yield the address."""

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(made, key)
    server = await asyncio.start_server(reply, "127.0.0.1", 0, ssl=tls)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"https://127.0.0.1:{port}"
