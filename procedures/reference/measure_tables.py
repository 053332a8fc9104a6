"""A measure as a TOML table: ``{ kind = "rate", metrics = ["…"], by = ["…"] }``."""

from collections.abc import Callable

from procedures.errors import PolicyDataError
from procedures.reference.measures import (
    Aggregate,
    Gauge,
    Growth,
    Measure,
    Promql,
    Quantile,
    Rate,
    Ratio,
    Selector,
)
from procedures.reference.selectors import parse_selector
from procedures.reference.tables import Table

LIMITS = ("", "cpu_cores", "memory_bytes", "storage_bytes")
"""Names of :class:`procedures.environment.Limits` that a measure may be divided by."""


def read_measure(table: Table) -> Measure:
    """Build the measure that ``table`` describes; PolicyDataError names what is wrong."""
    kind = table.text("kind")
    if kind not in _READERS:
        raise table.error("kind", f"{kind!r} is not known", fix=f"Use one of {', '.join(_READERS)}")
    measure = _READERS[kind](table)
    table.finish()
    return measure


def _rate(table: Table) -> Rate:
    return Rate(
        of=_selectors(table, "metrics"),
        window_s=table.whole("window_s", 300),
        by=table.texts("by", ()),
        aggregate=table.choice("aggregate", Aggregate, Aggregate.SUM),
        scale=table.number("scale", 1.0),
        divisor=_divisor(table),
    )


def _ratio(table: Table) -> Ratio:
    return Ratio(
        over=_selectors(table, "over"),
        under=_selectors(table, "under"),
        window_s=table.whole("window_s", 300),
        under_window_s=table.whole("under_window_s", 0),
        by=table.texts("by", ()),
        scale=table.number("scale", 1.0),
    )


def _quantile(table: Table) -> Quantile:
    q = table.number("q")
    if not 0 < q < 1:
        raise table.error("q", f"{q:g} is no quantile", fix="Give a number between 0 and 1")
    return Quantile(
        q=q,
        of=_selector(table, "metric", table.text("metric")),
        window_s=table.whole("window_s", 300),
        by=table.texts("by", ()),
        scale=table.number("scale", 1.0),
    )


def _gauge(table: Table) -> Gauge:
    return Gauge(
        of=_selectors(table, "metrics"),
        aggregate=table.choice("aggregate", Aggregate, Aggregate.SUM),
        by=table.texts("by", ()),
        scale=table.number("scale", 1.0),
        if_absent=table.number("if_absent") if table.has("if_absent") else None,
        divisor=_divisor(table),
        since=table.flag("since"),
    )


def _growth(table: Table) -> Growth:
    return Growth(
        of=_selector(table, "metric", table.text("metric")),
        window_s=table.whole("window_s", 3600),
        aggregate=table.choice("aggregate", Aggregate, Aggregate.SUM),
        scale=table.number("scale", 1.0),
    )


def _promql(table: Table) -> Promql:
    return Promql(query=table.text("query"))


_READERS: dict[str, Callable[[Table], Measure]] = {
    "rate": _rate,
    "ratio": _ratio,
    "quantile": _quantile,
    "gauge": _gauge,
    "growth": _growth,
    "promql": _promql,
}


def _selectors(table: Table, key: str) -> tuple[Selector, ...]:
    texts = table.texts(key)
    if not texts:
        raise table.error(key, "is empty", fix="Name at least one metric")
    return tuple(_selector(table, key, text) for text in texts)


def _selector(table: Table, key: str, text: str) -> Selector:
    try:
        return parse_selector(text)
    except PolicyDataError as error:
        raise table.error(key, error.what, fix=error.fix) from error


def _divisor(table: Table) -> str:
    divisor = table.text("divisor", "")
    if divisor not in LIMITS:
        raise table.error("divisor", f"{divisor!r} is no limit", fix=f"Use one of {LIMITS[1:]}")
    return divisor
