"""What the shims are made of."""

import pytest

from procedures.sandbox.shims import jsonpath, spans
from procedures.sandbox.shims.usage import UnknownUsageError, table

PODS = {"items": [{"name": "a", "ready": True}, {"name": "b", "ready": False}], "count": 2}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{.count}", "2"),
        ("{.items[*].name}", "a b"),
        ("{.items[1].ready}", "false"),
        ("{$.items[0].name}", "a"),
        ('ready={.count}{"\\n"}', "ready=2\n"),
        ("{.missing.deep}", ""),
    ],
)
def test_a_jsonpath_prints_what_kubectl_prints(template: str, text: str) -> None:
    assert jsonpath.render(template, PODS) == text


@pytest.mark.parametrize("template", ["{.items[?(@.a)]}", "{", "{.a"])
def test_a_jsonpath_beyond_the_sandbox_is_refused(template: str) -> None:
    with pytest.raises(UnknownUsageError):
        jsonpath.render(template, PODS)


@pytest.mark.parametrize(
    ("text", "seconds"), [("5m", 300), ("90", 90), ("1h30m", 5400), ("10s", 10), ("2d", 172_800)]
)
def test_a_duration_is_read_as_the_tools_write_it(text: str, seconds: float) -> None:
    assert spans.seconds(text) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5 minutes ago", 300), ("1 hour ago", 3600), ("-10m", 600), ("-5min", 300)],
)
def test_a_time_ago_is_read_as_journalctl_does(text: str, seconds: float) -> None:
    assert spans.seconds_ago(text) == seconds


@pytest.mark.parametrize("text", ["", "5 parsecs", "m5", "5m x"])
def test_a_duration_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UnknownUsageError):
        spans.seconds(text)


def test_a_table_is_as_wide_as_its_cells() -> None:
    assert table([("A", "B"), ("long", "x")]) == "A      B\nlong   x"
