"""A real Prometheus and Alertmanager behind TLS and passwords, with certificates of their own."""

import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from procedures.environment import Endpoint, Secret
from tests.prometheus_stack import JOB, free_port, program, wait_for

USER = "watch"
PASSWORD = "open-sesame-42"  # noqa: S105 - of these tests
HASHED = "$2b$04$abcdefghijklmnopqrstuumIRtBhXKsoBwYnzhbMFXoVR/o0XJQ46"
"""The password as bcrypt writes it; made once, as making it takes a deprecated module."""


class Certificates:
    """An authority, and a server and a client that it vouches for; beside them a stranger."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.authority = self._authority("authority")
        self.stranger = self._authority("stranger")
        self.server = self._signed("server", "subjectAltName=IP:127.0.0.1")
        self.client = self._signed("client", "extendedKeyUsage=clientAuth")

    def key_of(self, certificate: Path) -> Path:
        """Return where the certificate's private key lies."""
        return certificate.with_suffix(".key")

    def encrypted_key_of(self, certificate: Path) -> Path:
        """Return the same key, locked with a passphrase."""
        locked = certificate.with_suffix(".locked")
        key = str(self.key_of(certificate))
        _openssl("pkey", "-in", key, "-aes128", "-passout", "pass:phrase", "-out", str(locked))
        return locked

    def _authority(self, name: str) -> Path:
        certificate = self._root / f"{name}.pem"
        _openssl("req", "-x509", *self._new(certificate), "-out", str(certificate), "-days", "2")
        return certificate

    def _signed(self, name: str, extension: str) -> Path:
        certificate = self._root / f"{name}.pem"
        request, extensions = certificate.with_suffix(".csr"), certificate.with_suffix(".ext")
        extensions.write_text(extension)
        _openssl("req", *self._new(certificate), "-out", str(request))
        signer = ("-CA", str(self.authority), "-CAkey", str(self.key_of(self.authority)))
        _openssl(
            *("x509", "-req", "-in", str(request), *signer, "-CAcreateserial", "-days", "2"),
            *("-extfile", str(extensions), "-out", str(certificate)),
        )
        return certificate

    def _new(self, certificate: Path) -> list[str]:
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        key = str(self.key_of(certificate))
        return [*curve, "-keyout", key, "-subj", f"/CN={certificate.stem}"]


def _openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secured:
    """Addresses of the running servers; each wants a password, ``strict`` a certificate too."""

    certificates: Certificates
    prometheus: str
    alertmanager: str
    strict: str

    def endpoint(self, url: str) -> Endpoint:
        """Return ``url`` with all that its server asks for."""
        certificate = self.certificates.client if url == self.strict else None
        return Endpoint(
            url=url,
            username=USER,
            password=Secret(inline=PASSWORD),
            ca_bundle=self.certificates.authority,
            client_cert=certificate,
            client_key=certificate and self.certificates.key_of(certificate),
        )


@contextmanager
def secured_servers(root: Path) -> Iterator[Secured]:
    """Run two Prometheus servers and an Alertmanager; each Prometheus has scraped itself."""
    certificates = Certificates(root)
    _write_web_config(root / "open.yml", certificates)
    _write_web_config(root / "strict.yml", certificates, client_auth="RequireAndVerifyClientCert")
    (root / "alertmanager.yml").write_text("route: {receiver: none}\nreceivers: [{name: none}]\n")
    ports = [free_port() for _ in range(3)]
    urls = [f"https://127.0.0.1:{port}" for port in ports]
    secured = Secured(
        certificates=certificates, prometheus=urls[0], alertmanager=urls[1], strict=urls[2]
    )
    with (
        _prometheus(root / "one", root / "open.yml", certificates, ports[0]),
        _prometheus(root / "two", root / "strict.yml", certificates, ports[2]),
        program(
            "prometheus-alertmanager",
            [
                f"--config.file={root}/alertmanager.yml",
                f"--storage.path={root}/alertmanager",
                f"--web.config.file={root}/open.yml",
                f"--web.listen-address=127.0.0.1:{ports[1]}",
                "--cluster.listen-address=",
            ],
            root,
            _answers(secured, urls[1], "/-/ready"),
        ),
    ):
        for url in (secured.prometheus, secured.strict):
            scraped = "/api/v1/query?query=process_resident_memory_bytes"
            wait_for(_answers(secured, url, scraped, b'"value"'))
        yield secured


def _write_web_config(path: Path, certificates: Certificates, client_auth: str = "") -> None:
    server = certificates.server
    lines = [f"  cert_file: {server}", f"  key_file: {certificates.key_of(server)}"]
    if client_auth:
        lines += [f"  client_auth_type: {client_auth}"]
        lines += [f"  client_ca_file: {certificates.authority}"]
    users = f"basic_auth_users: {{{USER}: '{HASHED}'}}\n"
    path.write_text("\n".join(["tls_server_config:", *lines, users]))


@contextmanager
def _prometheus(
    root: Path, web_config: Path, certificates: Certificates, port: int
) -> Iterator[None]:
    root.mkdir()
    client, key = certificates.client, certificates.key_of(certificates.client)
    (root / "prometheus.yml").write_text(
        f"""\
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
- job_name: {JOB}
  scheme: https
  basic_auth: {{username: {USER}, password: {PASSWORD}}}
  tls_config: {{ca_file: {certificates.authority}, cert_file: {client}, key_file: {key}}}
  static_configs: [{{targets: ['127.0.0.1:{port}']}}]
"""
    )
    url = f"https://127.0.0.1:{port}"
    secured = Secured(certificates=certificates, prometheus=url, alertmanager="", strict=url)
    arguments = [
        f"--config.file={root}/prometheus.yml",
        f"--storage.tsdb.path={root}/tsdb",
        f"--web.config.file={web_config}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with program("prometheus", arguments, root, _answers(secured, url, "/-/ready")):
        yield


def _answers(secured: Secured, url: str, path: str, wanted: bytes = b"") -> Callable[[], bool]:
    certificates = secured.certificates
    context = ssl.create_default_context(cafile=certificates.authority)
    context.load_cert_chain(certificates.client, certificates.key_of(certificates.client))

    def answers() -> bool:
        try:
            answer = httpx.get(url + path, auth=(USER, PASSWORD), verify=context, timeout=2)
        except httpx.HTTPError:
            return False
        return answer.is_success and wanted in answer.content

    return answers
