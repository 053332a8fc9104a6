"""The chain shows every alteration, and accepts whatever JSON an event carries."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.errors import LedgerError
from procedures.ledger.chain import GENESIS, START, Record, audit, seal
from procedures.ledger.event import Draft, Mark

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)

BODIES = st.lists(st.dictionaries(st.text(), JSON, max_size=3), min_size=3, max_size=3)


def draft(body: dict[str, Any]) -> Draft:
    return Draft(
        kind="run.noted", subject="run-1", environment="staging", operator="ada", body=body
    )


def chain(bodies: list[dict[str, Any]]) -> list[Record]:
    records: list[Record] = []
    previous_hash = GENESIS
    for seq, body in enumerate(bodies, start=1):
        records.append(seal(draft(body), seq=seq, at=AT, previous_hash=previous_hash))
        previous_hash = records[-1].hash
    return records


@given(bodies=st.lists(st.dictionaries(st.text(), JSON, max_size=3), max_size=5))
def test_a_chain_of_any_json_holds_and_reads_back(bodies: list[dict[str, Any]]) -> None:
    records = chain(bodies)
    assert audit(records).broken_at is None
    assert [record.event().body for record in records] == bodies


@given(
    field=st.sampled_from(Record._fields[1:]),
    position=st.integers(0, 4),
    tampered=st.text() | st.binary() | st.integers() | st.none(),
)
def test_a_change_of_any_field_of_any_event_is_found(
    field: str, position: int, tampered: object
) -> None:
    records = chain([{"n": n} for n in range(5)])
    original = records[position]
    if getattr(original, field) == tampered:
        return
    records[position] = Record._make(
        tampered if name == field else value for name, value in original._asdict().items()
    )
    assert audit(records).broken_at == position + 1


@given(position=st.integers(0, 4), seq=st.integers())
def test_an_event_with_another_position_is_found(position: int, seq: int) -> None:
    records = chain([{"n": n} for n in range(5)])
    records[position] = records[position]._replace(seq=seq)
    assert audit(records).broken_at == (seq if seq != position + 1 else None)


@given(position=st.integers(0, 3))
def test_an_event_taken_out_of_the_middle_is_missed(position: int) -> None:
    records = chain([{"n": n} for n in range(5)])
    del records[position]
    verification = audit(records)
    assert verification.broken_at == position + 2
    assert verification.problem == f"event {position + 1} is missing"


def test_integer_keys_hash_as_they_read_back() -> None:
    (record,) = chain([{10: "ten", 2: "two"}])  # type: ignore[dict-item]
    assert record.body == '{"10":"ten","2":"two"}'


@pytest.mark.parametrize("value", [float("nan"), object(), {1, 2}, b"bytes"])
def test_a_body_that_is_not_json_is_refused(value: object) -> None:
    with pytest.raises(LedgerError, match=r"run\.noted is not made of JSON"):
        chain([{"value": value}])


def test_an_event_that_was_altered_and_hashed_anew_no_longer_fits_its_successor() -> None:
    records = chain([{"n": n} for n in range(3)])
    records[1] = seal(draft({"n": 99}), seq=2, at=AT, previous_hash=records[0].hash)
    assert audit(records).broken_at == 3


@given(
    since=st.integers(0, 6),
    position=st.integers(0, 5),
    field=st.sampled_from(["kind", "subject", "body", "hash", "previous_hash"]),
)
def test_a_walk_from_any_place_finds_what_the_whole_walk_finds_behind_it(
    since: int, position: int, field: str
) -> None:
    records = chain([{"n": n} for n in range(6)])
    mark = Mark(seq=since, hash=records[since - 1].hash) if since else START
    records[position] = Record._make(
        "altered" if name == field else value for name, value in records[position]._asdict().items()
    )
    whole = audit(records)
    part = audit(records[max(since - 1, 0) :], since=mark)
    assert whole.broken_at == position + 1
    if position + 1 > since:
        assert (part.broken_at, part.problem) == (whole.broken_at, whole.problem)
        assert since + part.events == whole.events
    elif position + 1 == since:
        assert part.broken_at == since
    else:
        assert part.events == 6 - since


@given(since=st.integers(0, 6), count=st.integers(0, 6))
def test_a_walk_from_any_place_of_a_chain_that_holds_leads_to_its_end(
    since: int, count: int
) -> None:
    records = chain([{"n": n} for n in range(6)])
    mark = Mark(seq=since, hash=records[since - 1].hash) if since else START
    found = audit(records[max(since - 1, 0) : count], since=mark)
    assert found.events == max(count - since, 0)
    assert found.broken_at == (since if since > count else None)


def test_another_event_in_the_place_of_a_known_one_is_found_though_its_hash_is_right() -> None:
    known, forged = chain([{"n": 1}]), chain([{"n": 2}])
    found = audit(forged, since=Mark(seq=1, hash=known[0].hash))
    assert (found.broken_at, found.problem) == (
        1,
        "it is not the event that was verified here before",
    )


@given(record=st.integers(0, 2), bodies=BODIES)
def test_the_hash_is_over_the_json_of_the_fields(record: int, bodies: list[dict[str, Any]]) -> None:
    hashed = chain(bodies)[record]
    text = json.dumps([hashed.previous_hash, *hashed[:7]], separators=(",", ":"))
    assert hashed.hash == sha256(text.encode("ascii")).hexdigest()
