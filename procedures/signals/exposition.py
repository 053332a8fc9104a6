"""The text that ``/metrics`` serves, as samples.

A scrape repeats the same few hundred series each time, and an hour of history repeats them
hundreds of times. So the library reads each series once, and later lines that begin with the same
text only have their numbers read: one microsecond a line instead of thirty.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from procedures.errors import SourceError
from procedures.signals.samples import Labels, labels_of

_LINE = re.compile(r"[^\n]+")


class Sample(NamedTuple):
    """One line: ``at`` is a Unix time, None where the line has no timestamp."""

    metric: str
    labels: Labels
    value: float
    at: float | None


class ExpositionReader:
    """Reads exposition text; remembers the series that it has met, ``most`` of them.

    Every series gets the labels ``target``, in place of any of that name.
    """

    def __init__(self, target: Mapping[str, str] | None = None, *, most: int = 50_000) -> None:
        self._target = dict(target or {})
        self._known: dict[str, tuple[str, Labels]] = {}
        self._most = most

    def read(self, text: str) -> Iterator[Sample]:
        """Yield the samples of ``text``; raises SourceError at a line that is none."""
        for found in _LINE.finditer(text):  # no list of lines: an hour has a hundred thousand
            line = found[0]
            if line.isspace() or line.startswith("#"):
                continue
            try:
                yield self._sample(line)
            except ValueError as error:
                raise SourceError(
                    f"not metrics in Prometheus' text format: {line[:80]!r}",
                    fix="Check that the address is the service's /metrics",
                ) from error

    def _sample(self, line: str) -> Sample:
        series, brace, rest = line.rpartition("}")
        if not brace:
            series, _, rest = line.strip().partition(" ")
        numbers = rest.split()
        if not 1 <= len(numbers) <= 2:
            raise ValueError(line)
        at = float(numbers[1]) / 1000 if len(numbers) == 2 else None
        metric, labels = self._series(series + brace)
        return Sample(metric, labels, float(numbers[0]), at)

    def _series(self, text: str) -> tuple[str, Labels]:
        known = self._known.get(text)
        if known is None:
            if len(self._known) >= self._most:
                self._known.clear()
            metric, labels = _parsed(text)
            known = self._known[text] = metric, labels_of({**labels, **self._target})
        return known


def _parsed(series: str) -> tuple[str, Mapping[str, str]]:
    """Return name and labels of one series, as the library reads them."""
    from prometheus_client.parser import text_string_to_metric_families

    for family in text_string_to_metric_families(f"{series} 0\n"):
        for sample in family.samples:
            return sample.name, sample.labels
    raise ValueError(series)
