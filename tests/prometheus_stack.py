"""A real Prometheus and Alertmanager on loopback, over a small exporter and an hour of the past."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from procedures.signals.rules_file import rules_yaml

JOB = "llm-config-manager"
PROGRAMS = ("prometheus", "prometheus-alertmanager", "promtool")

TEST_RULES = f"""\
groups:
- name: console-test
  interval: 1s
  rules:
  - alert: Tripped
    expr: test_tripped{{job="{JOB}"}} > 0
    labels: {{severity: critical, component: test}}
    annotations: {{summary: 'Tripped by a test [/red]', description: 'of {{{{ $labels.job }}}}'}}
  - alert: Brewing
    expr: test_tripped{{job="{JOB}"}} > 0
    for: 1h
    labels: {{severity: warning, component: test}}
"""


def missing_programs() -> list[str]:
    """Return which of the needed programs are not installed."""
    return [program for program in PROGRAMS if shutil.which(program) is None]


class TestService(Collector):
    """Metrics that grow evenly with time, so that every scrape of them agrees about the rates."""

    __test__ = False

    def __init__(self) -> None:
        self.tripped = 0.0
        self._began = time.time()

    def collect(self) -> Iterator[Metric]:
        """Yield the families as of now."""
        passed = time.time() - self._began
        operations = CounterMetricFamily("config_operations", "", labels=["operation"])
        operations.add_metric(["get"], 80 * passed)
        operations.add_metric(["set"], 20 * passed)
        errors = CounterMetricFamily("config_errors", "", labels=["error_type"])
        errors.add_metric(["timeout"], 3 * passed)
        hits = CounterMetricFamily("cache_hits", "", labels=["tier"])
        hits.add_metric(["l1"], 75 * passed)
        misses = CounterMetricFamily("cache_misses", "", labels=["tier"])
        misses.add_metric(["l1"], 25 * passed)
        cpu = CounterMetricFamily("process_cpu_seconds", "")
        cpu.add_metric([], 0.4 * passed)
        memory = GaugeMetricFamily("process_resident_memory_bytes", "", value=1024.0**3)
        tripped = GaugeMetricFamily("test_tripped", "", value=self.tripped)
        yield from (operations, errors, hits, misses, cpu, memory, tripped)


class PrometheusStack:
    """Addresses of the running servers, and the service that they watch."""

    def __init__(self, service: TestService, instance: str, addresses: tuple[str, str]) -> None:
        self.service = service
        self.instance = instance
        self.prometheus, self.alertmanager = addresses


@contextmanager
def running_stack(root: Path) -> Iterator[PrometheusStack]:
    """Run the stack in ``root``; ready when Prometheus has scraped the service twice."""
    with ExitStack() as stack:
        service = TestService()
        instance = stack.enter_context(_served(service))
        rules = {"shipped": rules_yaml(job=JOB), "test": TEST_RULES}
        addresses = stack.enter_context(running_servers(root, [instance], rules))
        yield PrometheusStack(service, instance, addresses)


@contextmanager
def running_servers(
    root: Path, instances: Sequence[str], rules: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Run Prometheus over ``instances``, with ``rules``, and an Alertmanager.

    Yield the addresses of the two, as soon as every instance was scraped twice.
    """
    with ExitStack() as stack:
        ports = (free_port(), free_port())
        _configure(root, instances, rules, ports[1])
        stack.enter_context(_alertmanager(root, ports[1]))
        stack.enter_context(_prometheus(root, ports[0]))
        prometheus, alertmanager = (f"http://127.0.0.1:{port}" for port in ports)
        query = f"{prometheus}/api/v1/query?query=rate(process_cpu_seconds_total[10s])"
        wait_for(lambda: _get(query).count(b'"value"') == len(instances))
        yield prometheus, alertmanager


@contextmanager
def running_prometheus(root: Path, history: str) -> Iterator[str]:
    """Run a Prometheus that scrapes nothing over ``history`` (OpenMetrics); yield its address."""
    (root / "history.om").write_text(history)
    (root / "prometheus.yml").write_text("scrape_configs: []\n")
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "-q"]
    command += ["--max-block-duration=168h", str(root / "history.om"), str(root / "tsdb")]
    subprocess.run(command, check=True, capture_output=True)
    port = free_port()
    with _prometheus(root, port):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _served(service: TestService) -> Iterator[str]:
    registry = CollectorRegistry()
    registry.register(service)
    server, thread = start_http_server(0, addr="127.0.0.1", registry=registry)
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _configure(
    root: Path, instances: Sequence[str], rules: Mapping[str, str], alertmanager_port: int
) -> None:
    for name, text in rules.items():
        (root / f"{name}.rules.yml").write_text(text)
    (root / "prometheus.yml").write_text(
        f"""\
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: ["*.rules.yml"]
alerting: {{alertmanagers: [{{static_configs: [{{targets: ['127.0.0.1:{alertmanager_port}']}}]}}]}}
scrape_configs:
- job_name: {JOB}
  static_configs: [{{targets: {list(instances)}}}]
"""
    )
    (root / "alertmanager.yml").write_text(
        "route: {receiver: none, group_wait: 1s, group_interval: 1s}\nreceivers: [{name: none}]\n"
    )


@contextmanager
def _alertmanager(root: Path, port: int) -> Iterator[None]:
    arguments = [
        f"--config.file={root}/alertmanager.yml",
        f"--storage.path={root}/alertmanager",
        "--cluster.listen-address=",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with program("prometheus-alertmanager", arguments, root, _readiness(port)):
        yield


@contextmanager
def _prometheus(root: Path, port: int) -> Iterator[None]:
    arguments = [
        f"--config.file={root}/prometheus.yml",
        f"--storage.tsdb.path={root}/tsdb",
        "--storage.tsdb.retention.time=30d",
        "--rules.alert.resend-delay=1s",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with program("prometheus", arguments, root, _readiness(port)):
        yield


def _readiness(port: int) -> Callable[[], bool]:
    return lambda: bool(_get(f"http://127.0.0.1:{port}/-/ready"))


@contextmanager
def program(
    name: str, arguments: Sequence[str], root: Path, is_ready: Callable[[], bool]
) -> Iterator[None]:
    """Run a server in ``root`` from the moment that it is ready."""
    with (root / f"{name}.log").open("wb") as log:
        process = subprocess.Popen([name, *arguments], stdout=log, stderr=log, cwd=root)
        try:
            wait_for(lambda: process.poll() is None and is_ready())
            yield
        finally:
            process.terminate()
            process.wait(timeout=10)


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _get(url: str) -> bytes:
    try:
        answer = httpx.get(url, timeout=2)
    except httpx.HTTPError:
        return b""
    return answer.content if answer.is_success else b""


def wait_for(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for another process to get ready; it has no way to tell us."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the stack did not get ready")
        time.sleep(0.05)
