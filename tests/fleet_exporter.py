"""One exporter that speaks for many targets, each a value of a label; run as a process of its own.

    python -m tests.fleet_exporter PORT TARGETS

Rates and gauges waver a little, so that each refresh of whoever watches them changes some of what
is shown.
"""

import math
import random
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

JOB = "llm-config-manager"
BOUNDS = (0.005, 0.05, 0.1, 0.25, 0.5, 1.0)


def exposition(targets: int, passed_s: float, chance: random.Random) -> Iterator[str]:
    """Yield the lines of one scrape."""
    for number in range(targets):
        where = f'job="{JOB}",environment="env-{number:03}",instance="10.0.{number // 250}.1"'
        bad, slow = number % 50 == 7, number % 20 == 3
        done = passed_s + 3 * math.sin(passed_s / 20 + number)  # never falls
        yield f"up{{{where}}} {0 if number % 100 == 11 else 1}"
        yield f"config_operations_total{{{where}}} {100 * done:.2f}"
        if number % 4:
            yield f"config_errors_total{{{where}}} {(7 if bad else 0.2) * done:.2f}"
        yield f"cache_hits_total{{{where}}} {90 * done:.2f}"
        yield f"cache_misses_total{{{where}}} {10 * done:.2f}"
        yield f"process_cpu_seconds_total{{{where}}} {0.3 * done:.3f}"
        memory = (0.9 + 0.05 * chance.random()) * 2**30
        yield f"process_resident_memory_bytes{{{where}}} {memory:.0f}"
        for place, bound in enumerate((*BOUNDS, "+Inf")):
            share = min(1.0, 0.2 * place) if slow else min(1.0, 0.4 + 0.3 * place)
            count = 50 * done * share
            yield f'http_request_duration_seconds_bucket{{{where},le="{bound}"}} {count:.1f}'


def serve(port: int, targets: int) -> None:
    """Answer scrapes until the process is ended."""
    began, chance = time.time() - 3600, random.Random(7)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            lines = exposition(targets, time.time() - began, chance)
            body = ("\n".join(lines) + "\n").encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    HTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
