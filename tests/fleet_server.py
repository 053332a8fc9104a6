"""A real Prometheus that knows many targets, by one exporter or by a past that is given."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.fleet_exporter import JOB
from tests.prometheus_stack import free_port, program, wait_for

RULES = f"""\
groups:
- name: fleet
  interval: 1s
  rules:
  - alert: InstanceDown
    expr: up{{job="{JOB}"}} == 0
    labels: {{severity: critical}}
"""


@contextmanager
def running_fleet(root: Path, targets: int, *, every: str = "1s") -> Iterator[str]:
    """Run a Prometheus over an exporter of so many targets; yield its address.

    It is ready when two scrapes have given rates and the rules have seen who is down.
    """
    exporter, port = free_port(), free_port()
    (root / "fleet.rules.yml").write_text(RULES)
    (root / "prometheus.yml").write_text(
        f"""\
global: {{scrape_interval: {every}, scrape_timeout: {every}, evaluation_interval: {every}}}
rule_files: ["fleet.rules.yml"]
scrape_configs:
- job_name: exporter
  honor_labels: true
  static_configs: [{{targets: ['127.0.0.1:{exporter}']}}]
"""
    )
    arguments = [
        f"--config.file={root}/prometheus.yml",
        f"--storage.tsdb.path={root}/tsdb",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    address = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        stack.enter_context(_exporter(exporter, targets))
        ready = f"{address}/-/ready"
        stack.enter_context(program("prometheus", arguments, root, lambda: _answers(ready)))
        rates = "count(rate(process_cpu_seconds_total[1m]))"
        wait_for(lambda: value_of(address, rates) == targets, seconds=60)
        if targets > 11:
            wait_for(lambda: bool(value_of(address, 'count(ALERTS{alertstate="firing"})')))
        yield address


def value_of(address: str, query: str) -> float:
    """Return the one value of a query; 0 without any."""
    answer = _asked(f"{address}/api/v1/query", {"query": query})
    result = answer.get("data", {}).get("result", [])
    return float(result[0]["value"][1]) if result else 0.0


@contextmanager
def _exporter(port: int, targets: int) -> Iterator[None]:
    words = [sys.executable, "-m", "tests.fleet_exporter", str(port), str(targets)]
    process = subprocess.Popen(words, cwd=Path(__file__).parents[1])
    try:
        wait_for(lambda: _answers(f"http://127.0.0.1:{port}/metrics"))
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.HTTPError:
        return False


def _asked(url: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = json.loads(httpx.get(url, params=parameters, timeout=5).content)
    except (httpx.HTTPError, ValueError):
        return {}
    return answer
