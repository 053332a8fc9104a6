"""From alert to verified recovery: each fault is seen, leads to its procedure, and is cured."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.e2e.console import RECOVERY_S, Console, opened
from tests.e2e.home import own_home

pytestmark = pytest.mark.e2e


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A fault, and what an operator meets on the way to its cure.

    Attributes:
        method: How the service is deployed.
        sign: What the dashboard shows of the fault, as a pattern.
        alert: Names of the alerts of which one leads to the cure, as a pattern.
        lead: Title of the procedure that the alert leads to first, as a pattern.
        procedure: Title of the cure.
        cure: Walks the procedure, which is open.
        cured: What the dashboard shows afterwards.
    """

    method: str
    sign: str
    alert: str
    lead: str
    procedure: str
    cure: Callable[[Console], None]
    cured: str


def restart_the_replicas(console: Console) -> None:
    console.begin_opened()
    console.take_steps([1])
    console.tick(2)
    console.wait_for_steps(2)
    console.confirm_change()
    console.wait_for_steps(3, RECOVERY_S)
    console.take_steps([4, 5, 6], RECOVERY_S)
    console.choose("All is well")
    console.wait_for_completion()


def restart_the_cache(console: Console) -> None:
    console.begin_opened()
    console.take_steps([1])
    console.confirm_change()
    console.wait_for_steps(2)
    console.take_steps([3])
    console.choose("It was down, and answers now")
    console.terminal.wait_for("^ Complete health check .* Enter begins")
    console.close("Complete health check .* Enter begins")
    console.abort("it answers again")


TROUBLES = {
    "replica-crash": Trouble(
        method="docker",
        sign="■ Availability +CRITICAL",
        alert="ServiceDown",
        lead="Alert: service down",
        procedure="Rolling restart",
        cure=restart_the_replicas,
        cured="● Availability +OK",
    ),
    "latency": Trouble(
        method="kubernetes",
        sign="■ P95 latency +CRITICAL",
        alert="HighLatency",
        lead="Alert: high latency",
        procedure="Rolling restart",
        cure=restart_the_replicas,
        cured="● P95 latency +OK",
    ),
    "cache-down": Trouble(
        method="systemd",
        sign="[▲■] Health +(DEGRADED|UNHEALTHY)",
        alert="(LowCacheHitRate|CacheDown)",
        lead="Alert: (low cache hit rate|cache down)",
        procedure="Cache flush",
        cure=restart_the_cache,
        cured="● Health +HEALTHY",
    ),
}


@pytest.fixture(scope="module")
def drills(tmux: None) -> Iterator[Mapping[str, Future[None]]]:
    """The way through each fault: all at once, for most of it is waiting."""
    with ThreadPoolExecutor(len(TROUBLES)) as operators:
        yield {fault: operators.submit(drill, fault) for fault in TROUBLES}


@pytest.mark.parametrize("fault", TROUBLES)
def test_a_fault_is_seen_and_its_alert_leads_to_the_cure(
    drills: Mapping[str, Future[None]], fault: str
) -> None:
    drills[fault].result()


def drill(fault: str) -> None:
    trouble = TROUBLES[fault]
    with own_home() as home:
        words = ("demo", "--method", trouble.method, "--fault", fault)
        with opened(home, *words) as console:
            console.terminal.wait_for(trouble.sign, RECOVERY_S)
            console.go_to_alerts()
            console.open_row(f"{trouble.alert} ", below="Alerts")
            console.terminal.wait_for(f"^ (read|change|destructive) +{trouble.lead}")
            console.close("Leads to")
            console.open_procedure(trouble.procedure)
            trouble.cure(console)
            console.close(" recorded as run ")
            console.terminal.press("1")
            console.terminal.wait_for(trouble.cured, RECOVERY_S)
            assert console.quit() == 0
        assert home.run("ledger", "verify").returncode == 0
