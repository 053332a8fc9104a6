"""Every style that a widget names exists."""

import re
from pathlib import Path

import pytest

from widgets.strips import STYLE_NAMES

SOURCES = sorted(Path("widgets").glob("*.py"))


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_every_named_style_exists(source: Path) -> None:
    named = re.findall(r'(?<!\w)\(f?"[^"]*", "([a-z-]+)"\)', source.read_text(encoding="utf-8"))
    assert set(named) - STYLE_NAMES == set()
