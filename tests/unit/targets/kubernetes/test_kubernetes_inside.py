"""How a program in a container ended is read from the channels of its socket."""

import json

import pytest

from procedures.targets.kubernetes.inside import answer_of
from procedures.targets.target import Answer
from tests.recorded_cluster import recorded


def of_frames(frames: list[str]) -> Answer:
    said = {1: b"", 2: b"", 3: b""}
    for frame in frames:
        data = frame.encode("latin-1")
        if data:
            said[data[0]] += data[1:]
    return answer_of(said[1], said[2], said[3])


def test_recorded_programs_tell_what_they_printed_and_how_they_ended() -> None:
    well, ill, absent = [of_frames(each["frames"]) for each in recorded("exec")]
    assert well == Answer(status=0, output="hi\n")
    assert ill == Answer(status=4, output="hi\n", complaint="err\n")
    assert (absent.status, absent.output) == (126, "")
    assert "executable file not found" in absent.complaint


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ('failed to exec in container: exec: "x": executable file not found in $PATH', 127),
        ("OCI runtime exec failed: permission denied", 126),
        ("the container is gone", 255),
    ],
)
def test_a_runtime_that_could_not_run_it_says_so_in_words(message: str, status: int) -> None:
    failure = {"status": "Failure", "message": message, "reason": "InternalError"}
    answer = answer_of(b"", b"", json.dumps(failure).encode())
    assert (answer.status, answer.complaint) == (status, message)


@pytest.mark.parametrize("status", [b"", b"not JSON", b"[]", b'{"details": {"causes": null}}'])
def test_a_connection_that_broke_is_no_success(status: bytes) -> None:
    assert answer_of(b"half", b"", status).status == 255
