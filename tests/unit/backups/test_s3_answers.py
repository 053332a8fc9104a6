"""What ``aws`` is told, and what is made of what it says."""

import json
from datetime import UTC, datetime

import pytest

from procedures.backups.s3 import (
    bucket_and_prefix,
    listing_argv,
    objects_in,
    reading_argv,
    refusal,
    variables_for_aws,
)
from procedures.backups.settings import BackupSettings
from procedures.backups.values import PlaceKind
from procedures.errors import SourceError
from procedures.reference.backups import Schedule

SETTINGS = BackupSettings(
    s3="s3://llm-config-backups/backups", s3_profile="reader", s3_endpoint="http://s3:9000"
)


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("s3://llm-config-backups", ("llm-config-backups", "")),
        ("s3://llm-config-backups/", ("llm-config-backups", "")),
        ("s3://my-backups/llm-config/", ("my-backups", "llm-config/")),
        ("s3://b/x", None),
        ("http://my-backups/x", None),
        ("s3://My-Backups/x", None),
        ("s3://--endpoint/x", None),
        ("s3://my-backups/x\x1b[2J", None),
    ],
)
def test_an_address_has_a_bucket_and_a_prefix(written: str, parts: tuple[str, str] | None) -> None:
    assert bucket_and_prefix(written) == parts


def test_profile_endpoint_and_limits_of_time_are_told() -> None:
    listing = listing_argv(SETTINGS)
    assert listing[:5] == ("aws", "s3api", "list-objects-v2", "--bucket", "llm-config-backups")
    for word in ("--prefix=backups/", "--profile=reader", "--endpoint-url=http://s3:9000"):
        assert word in listing
    assert any(word.startswith("--cli-read-timeout=") for word in listing)
    reading = reading_argv(SETTINGS, "-rf.tar.gz")
    assert reading[-2:] == ("s3://llm-config-backups/backups/-rf.tar.gz", "-")


def test_nothing_pages_and_nothing_asks() -> None:
    variables = variables_for_aws({"PATH": "/bin", "AWS_PAGER": "less"})
    assert variables["AWS_PAGER"] == ""
    assert variables["PATH"] == "/bin"


def test_objects_become_backups_and_their_checksums_are_found() -> None:
    listed = [
        ("backups/hourly/a.tar.gz", 5, "2026-03-04T11:00:00+00:00"),
        ("backups/hourly/a.tar.gz.sha256", 70, "2026-03-04T11:00:01+00:00"),
        ("backups/notes.txt", 1, "2026-03-04T11:00:00+00:00"),
    ]
    answer = json.dumps(
        {
            "Contents": [
                {"Key": key, "Size": size, "LastModified": at, "ETag": '"abc"'}
                for key, size, at in listed
            ]
        }
    )
    (backup,) = objects_in(answer, SETTINGS)
    assert (backup.path, backup.place) == ("hourly/a.tar.gz", PlaceKind.S3)
    assert (backup.size_bytes, backup.schedule) == (5, Schedule.HOURLY)
    assert backup.made_at == datetime(2026, 3, 4, 11, tzinfo=UTC)
    assert backup.checksums == "hourly/a.tar.gz.sha256"


@pytest.mark.parametrize("answer", ["", "{}", '{"Contents": []}', '{"RequestCharged": null}'])
def test_an_empty_bucket_holds_no_backup(answer: str) -> None:
    assert objects_in(answer, SETTINGS) == []


@pytest.mark.parametrize(
    "answer", ["{", "[]", '{"Contents": [{}]}', '{"Contents": [{"Key": "a.tar"}]}']
)
def test_an_answer_that_is_not_understood_is_a_fault(answer: str) -> None:
    with pytest.raises(SourceError, match="no usable list"):
        objects_in(answer, SETTINGS)


@pytest.mark.parametrize(
    ("complaint", "what"),
    [
        ("Unable to locate credentials. You can configure", "no credentials of profile reader"),
        ("An error occurred (AccessDenied) when calling", "access to .* is denied"),
        ("An error occurred (NoSuchBucket) when calling", "there is no bucket"),
        ("An error occurred (ExpiredToken) when calling", "not valid"),
        ("An error occurred (SignatureDoesNotMatch) when", "not valid"),
        ("The config profile (reader) could not be found", "no profile reader"),
        ('Could not connect to the endpoint URL: "http://s3"', "http://s3:9000 cannot be reached"),
        ("Read timeout on endpoint URL", "did not answer in time"),
        ("fatal error: An error occurred (404) when calling the HeadObject operation", "not there"),
        ("something \x1b[31melse", "no access to .*: something else"),
    ],
)
def test_each_complaint_is_told_in_the_operators_words(complaint: str, what: str) -> None:
    with pytest.raises(SourceError, match=what) as caught:
        raise refusal(complaint, SETTINGS)
    assert caught.value.fix
