"""How long an operator waits for the list, for each key of a search, and for a start."""

import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from procedures.library.library import Library
from procedures.library.pages import pages
from procedures.library.query import parse_query
from procedures.runbook.catalogue import SHIPPED, load
from tests.shelves import write

pytestmark = pytest.mark.benchmark_only

MANY = 10_000
WORDS = re.findall(
    r"\w+",
    "cache disk storage latency queue backup restore database replica failover network token audit "
    "key proxy shard index memory thread socket timeout retry quota limit restart drain rollout",
)
COMMANDS = ("docker-compose ps", "kubectl rollout status", "systemctl status", "redis-cli INFO")


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory of ten thousand documents of some 150 words."""
    place = tmp_path_factory.mktemp("many")
    chance = random.Random(7)
    for number in range(MANY):
        write(
            place,
            f"doc-{number}",
            theme=f"theme-{number % 40}",
            title=f"{' '.join(chance.sample(WORDS, 3)).capitalize()} {number}",
            summary=" ".join(chance.choices(WORDS, k=8)),
            prose=" ".join(chance.choices(WORDS, k=120)),
            command=chance.choice(COMMANDS),
        )
    return place


@pytest.fixture(scope="module")
def index(many: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an index in which all of them have been read."""
    path = tmp_path_factory.mktemp("index") / "library.db"
    library = Library([many], index=path)
    library.read_all()
    library.close()
    return path


def test_the_first_list_of_ten_thousand_that_nobody_has_read(
    benchmark: BenchmarkFixture, many: Path
) -> None:
    shelf = benchmark(lambda: Library([many]).look())
    assert (len(shelf.entries), shelf.unread) == (MANY, MANY)


def test_the_list_of_ten_thousand_at_a_later_start(
    benchmark: BenchmarkFixture, many: Path, index: Path
) -> None:
    shelf = benchmark(lambda: Library([many], index=index).look())
    assert (len(shelf.entries), shelf.unread) == (MANY, 0)


@pytest.mark.parametrize(
    "typed", ["c", "ca", "cach", "cache disk", "rollout status", "rolout restrt", "theme:theme-7 k"]
)
def test_a_key_of_a_search_among_ten_thousand(
    benchmark: BenchmarkFixture, many: Path, index: Path, typed: str
) -> None:
    library = Library([many], index=index)
    library.look()
    found = benchmark(lambda: library.search(parse_query(typed)))
    assert isinstance(found, tuple)


GROWTH = """
import re, sys
from pathlib import Path
from procedures.library.library import Library
from procedures.library.query import parse_query
def most_kib(): return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
before = most_kib()
library = Library([Path(sys.argv[1])], index=Path(sys.argv[2]))
library.look()
for typed in ("cache", "rolout restrt", "theme:theme-7"):
    library.search(parse_query(typed))
print((most_kib() - before) / 1024)
"""


def test_the_memory_that_ten_thousand_take(
    benchmark: BenchmarkFixture, many: Path, index: Path
) -> None:
    command = [sys.executable, "-c", GROWTH, str(many), str(index)]
    told = benchmark(lambda: subprocess.run(command, capture_output=True, check=True, text=True))
    benchmark.extra_info["grown_mib"] = grown_mib = round(float(told.stdout), 1)
    assert grown_mib < 100


def test_parsing_the_shipped_catalogue(benchmark: BenchmarkFixture) -> None:
    catalogue = benchmark(load)
    assert not catalogue.broken


def test_a_warm_start_with_the_shipped_catalogue(
    benchmark: BenchmarkFixture, tmp_path: Path
) -> None:
    index = tmp_path / "library.db"
    Library([SHIPPED], index=index, pages=pages()).read_all()
    shelf = benchmark(lambda: Library([SHIPPED], index=index, pages=pages()).look())
    assert shelf.unread == 0
