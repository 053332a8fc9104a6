"""Context and namespace stand in the header of every screen, whatever they are called."""

from datetime import UTC, datetime

import pytest

from procedures.environment import Method, Tier
from widgets.header_bar import HeaderBar, Heading

LONG = "arn:aws:eks:eu-central-1:123456789012:cluster/production/llm-config"


def first_line(place: str, width: int) -> str:
    bar = HeaderBar()
    bar.heading = Heading(
        environment="production",
        tier=Tier.PRODUCTION,
        method=Method.KUBERNETES,
        operator="ada",
        now=datetime(2026, 3, 4, 3, 12, 40, tzinfo=UTC),
        place=place,
    )
    return "".join(text for text, _ in next(iter(bar.paint(width, 2))))


@pytest.mark.parametrize("width", [80, 120, 200])
def test_it_is_there_beside_the_clock(width: int) -> None:
    line = first_line("prod/llm-config", width)
    assert " · kubernetes prod/llm-config " in line
    assert "03:12:40 UTC" in line
    assert len(line) == width


def test_of_a_long_name_the_end_is_shown() -> None:
    line = first_line(LONG, 80)
    assert "…" in line
    assert "llm-config " in line
    assert "03:12:40 UTC" in line
    assert LONG in first_line(LONG, 200)


def test_on_a_small_terminal_it_goes_before_the_clock() -> None:
    assert "/llm-config" in first_line(LONG, 50)
