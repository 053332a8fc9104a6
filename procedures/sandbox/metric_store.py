"""Counters, gauges and histograms of one process, and their text exposition."""

import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What a metric is called and how it is broken down.

    Attributes:
        kind: counter, gauge or histogram.
        bounds: Upper bounds of a histogram's buckets, rising, without infinity.
    """

    name: str
    kind: str
    help: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()


class Spread(Protocol):
    """A distribution that many observations can be drawn from at once."""

    @property
    def mean_s(self) -> float:
        """The average."""

    def shares(self, bounds: tuple[float, ...]) -> tuple[float, ...]:
        """Return for each bound the share that does not exceed it."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One line of an exposition; ``labels`` is the text between the braces."""

    family: Family
    name: str
    labels: str
    value: float


class MetricStore:
    """The metrics of one process; a labelled family has no series before its first use."""

    def __init__(self, families: Iterable[Family]) -> None:
        self._families = {family.name: family for family in families}
        self._numbers: dict[str, dict[tuple[str, ...], float]] = {}
        self._histograms: dict[str, dict[tuple[str, ...], list[float]]] = {}
        self._names: dict[tuple[str, tuple[str, ...]], tuple[tuple[str, str], ...]] = {}
        for family in self._families.values():
            if family.kind == "histogram":
                self._histograms[family.name] = {}
            else:
                self._numbers[family.name] = {} if family.labels else {(): 0.0}

    def add(self, name: str, amount: float, *labels: str) -> None:
        """Raise a counter; an amount of 0 creates no series."""
        if amount:
            series = self._numbers[name]
            series[labels] = series.get(labels, 0.0) + amount

    def set(self, name: str, value: float, *labels: str) -> None:
        """Set a gauge, or a counter that is kept elsewhere."""
        self._numbers[name][labels] = value

    def forget(self, name: str) -> None:
        """Drop all series of a gauge, before they are set anew."""
        self._numbers[name].clear()

    def value(self, name: str, *labels: str) -> float:
        """Return a counter's or gauge's value; 0 while it has no series."""
        return self._numbers[name].get(labels, 0.0)

    def observe(self, name: str, value: float, *labels: str) -> None:
        """Count one observation in a histogram."""
        cells = self._cells(name, labels)
        for index, bound in enumerate(self._families[name].bounds):
            if value <= bound:
                cells[index] += 1
        cells[-2] += 1
        cells[-1] += value

    def observe_many(self, name: str, count: float, spread: Spread, *labels: str) -> None:
        """Count ``count`` observations of ``spread`` at once; buckets keep fractions inside."""
        if not count:
            return
        cells = self._cells(name, labels)
        for index, share in enumerate(spread.shares(self._families[name].bounds)):
            cells[index] += count * share
        cells[-2] += count
        cells[-1] += count * spread.mean_s

    def _cells(self, name: str, labels: tuple[str, ...]) -> list[float]:
        """Cumulative buckets, then the count, then the sum."""
        series = self._histograms[name]
        cells = series.get(labels)
        if cells is None:
            cells = series[labels] = [0.0] * (len(self._families[name].bounds) + 2)
        return cells

    def samples(self, *, without: Collection[str] = ()) -> Iterator[Sample]:
        """Yield the samples, family by family; fractions of a bucket stay hidden."""
        for family in self._families.values():
            if family.name in without:
                continue
            if family.kind == "histogram":
                for labels, cells in self._histograms[family.name].items():
                    values = [*map(math.floor, cells[:-2]), math.floor(cells[-2])]
                    texts = self._texts(family, labels)
                    for (name, text), value in zip(
                        texts, [*values, values[-1], cells[-1]], strict=True
                    ):
                        yield Sample(family, name, text, value)
            else:
                for labels, value in self._numbers[family.name].items():
                    ((name, text),) = self._texts(family, labels)
                    yield Sample(family, name, text, value)

    def _texts(self, family: Family, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        """Name and label text of each sample of one series, rendered once."""
        key = (family.name, values)
        texts = self._names.get(key)
        if texts is None:
            texts = self._names[key] = tuple(_sample_texts(family, values))
        return texts

    def dump(self) -> dict[str, list[list[object]]]:
        """Return all series as JSON values, for :meth:`load`."""
        kinds = (self._numbers, self._histograms)
        return {
            name: [[list(labels), value] for labels, value in series.items()]
            for kind in kinds
            for name, series in kind.items()
        }

    def load(self, dumped: dict[str, list[list[object]]]) -> None:
        """Take over what :meth:`dump` returned; families that are gone are ignored."""
        for name, series in dumped.items():
            for labels, value in series:
                key = tuple(str(label) for label in labels) if isinstance(labels, list) else ()
                if name in self._histograms and isinstance(value, list):
                    if len(value) == len(self._families[name].bounds) + 2:
                        self._histograms[name][key] = [float(cell) for cell in value]
                elif name in self._numbers and isinstance(value, int | float):
                    self._numbers[name][key] = float(value)


def _sample_texts(family: Family, values: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    inner = label_text(zip(family.labels, values, strict=True))
    if family.kind != "histogram":
        yield family.name, inner
        return
    prefix = f"{inner}," if inner else ""
    for bound in (*family.bounds, math.inf):
        yield f"{family.name}_bucket", f'{prefix}le="{number_text(bound)}"'
    yield f"{family.name}_count", inner
    yield f"{family.name}_sum", inner


def label_text(labels: Iterable[tuple[str, str]]) -> str:
    """Return ``name="value",…`` escaped as the text exposition format wants it."""
    return ",".join(f'{name}="{_escape(value)}"' for name, value in labels)


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def number_text(value: float) -> str:
    """Return a number as the text exposition format writes it."""
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if math.isnan(value):
        return "NaN"
    return str(int(value)) if value == int(value) else repr(value)


def header(family: Family) -> str:
    """Return the HELP and TYPE lines of a family."""
    about = family.help.replace("\\", r"\\").replace("\n", r"\n")
    return f"# HELP {family.name} {about}\n# TYPE {family.name} {family.kind}\n"


def exposition(samples: Iterable[Sample]) -> str:
    """Return samples, grouped by family, in the text exposition format 0.0.4."""
    lines: list[str] = []
    current: Family | None = None
    for sample in samples:
        if sample.family is not current:
            current = sample.family
            lines.append(header(current))
        labels = f"{{{sample.labels}}}" if sample.labels else ""
        lines.append(f"{sample.name}{labels} {number_text(sample.value)}\n")
    return "".join(lines)
