"""The main road: watch, act when confirmed, see the effect and its recovery, find the record."""

from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.e2e.console import RECOVERY_S, Console, opened
from tests.e2e.home import Home, own_home

pytestmark = pytest.mark.e2e

SIZES = {"80x24": (80, 24), "200x50": (200, 50)}


@pytest.fixture(scope="module")
def walks(tmux: None) -> Iterator[Mapping[str, Future[None]]]:
    """The walk in a terminal of each size: at once, for most of it is waiting."""
    with ThreadPoolExecutor(len(SIZES)) as walkers:
        yield {name: walkers.submit(walk, size) for name, size in SIZES.items()}


@pytest.mark.parametrize("size", SIZES)
def test_a_confirmed_flush_is_felt_recovers_and_is_on_record(
    walks: Mapping[str, Future[None]], size: str
) -> None:
    walks[size].result()


def walk(size: tuple[int, int]) -> None:
    with own_home() as home:
        with opened(home, size=size) as console:
            console.wait_for_dashboard()
            console.begin("Cache flush")
            decide_and_flush(console)
            see_it_fall_and_recover(console)
            assert console.quit() == 0
        require_record(home)


def decide_and_flush(console: Console) -> None:
    console.take_steps([1])
    console.confirm_change()
    console.wait_for_steps(2)
    console.take_steps([3])
    console.choose("Entries are known to be wrong")
    console.wait_for_steps(4)
    console.take_steps([5])
    console.confirm_destructive(["production", "sandbox"], demanded="sandbox")
    console.wait_for_steps(6)


def see_it_fall_and_recover(console: Console) -> None:
    console.terminal.press("1")
    console.terminal.wait_until(
        lambda: float(console.indicator("Cache hit rate") or 100) < 70, "fall of the hit rate", 90
    )
    console.terminal.press("3")
    console.wait_for_steps(6)
    console.take_steps([7, 8], RECOVERY_S)
    console.terminal.press("Enter")
    console.terminal.wait_for("[✔✓] indicator error-rate < 5%")
    console.tick(1)
    console.wait_for_completion()
    console.terminal.press("1")
    console.wait_for_dashboard()
    assert float(console.indicator("Cache hit rate")) > 70


def require_record(home: Home) -> None:
    verified = home.run("ledger", "verify")
    assert verified.returncode == 0, verified.stdout
    assert ": intact, " in verified.stdout
    events = home.events()
    assert (events[0].kind, events[-1].kind) == ("run.started", "run.completed")
    assert {event.subject for event in events} == {events[0].subject}
    flush = Counter(e.kind for e in events if e.body.get("step") == "flush-the-cache")
    assert flush == {
        "step.confirmed": 1,
        "step.started": 1,
        "step.finished": 1,
        "step.checked": 1,
    }
