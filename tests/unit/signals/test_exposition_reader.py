import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from procedures.errors import SourceError
from procedures.signals.exposition import ExpositionReader, Sample


def test_samples_come_with_labels_and_the_time_of_their_line() -> None:
    text = '# TYPE c counter\nc{b="2",a="1"} 4 1700000000500\nup 1\n\ng{} NaN\n'
    samples = list(ExpositionReader().read(text))
    assert samples[:2] == [
        Sample("c", (("a", "1"), ("b", "2")), 4.0, 1_700_000_000.5),
        Sample("up", (), 1.0, None),
    ]
    assert math.isnan(samples[2].value)


@pytest.mark.parametrize("text", ["<html>", "{}", "x", "x y z 1 2", 'c{a="1} 2', "c 1 2 3"])
def test_text_that_is_no_exposition_is_an_error(text: str) -> None:
    with pytest.raises(SourceError, match="not metrics"):
        list(ExpositionReader().read(text))


LABELS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(st.dictionaries(LABELS, st.floats(allow_nan=False), min_size=1, max_size=5))
def test_whatever_the_client_library_writes_is_read_back(values: dict[str, float]) -> None:
    registry = CollectorRegistry()
    gauge = Gauge("g", "about", ["name"], registry=registry)
    Counter("c", "about", registry=registry)
    for name, value in values.items():
        gauge.labels(name).set(value)
    text = generate_latest(registry).decode()
    reader = ExpositionReader()
    for _ in range(2):  # the second time from memory
        read = {dict(s.labels)["name"]: s.value for s in reader.read(text) if s.metric == "g"}
        assert read == values
