"""The backups of a bucket, through the ``aws`` command line: what it is told and what it says."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from procedures.backups.names import checksums_of, is_backup, kind_of, made_at, schedule_of
from procedures.backups.settings import BackupSettings
from procedures.backups.values import Backup, PlaceKind
from procedures.errors import SourceError
from procedures.execution.cleaning import clean_line

CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 20

_ADDRESS = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?", re.ASCII)
_CODE = re.compile(r"\(([A-Za-z0-9]+)\)")
_NO_CREDENTIALS = ("Unable to locate credentials", "Partial credentials", "NoCredentials")
_EXPIRED = ("ExpiredToken", "RequestExpired", "InvalidAccessKeyId", "SignatureDoesNotMatch")
_UNREACHABLE = ("Could not connect to the endpoint", "Connect timeout", "EndpointConnectionError")
_SLOW = ("Read timeout", "Connection was closed")


def bucket_and_prefix(address: str) -> tuple[str, str] | None:
    """Return bucket and prefix of ``s3://bucket/prefix``, that with a slash; or else None."""
    match = _ADDRESS.fullmatch(address)
    if match is None or not (match[2] or "").isprintable():
        return None
    prefix = (match[2] or "").strip("/")
    return match[1], f"{prefix}/" if prefix else ""


def listing_argv(settings: BackupSettings) -> tuple[str, ...]:
    """Return the command that lists all objects below the prefix; it reads page after page."""
    bucket, prefix = _parts(settings)
    words = ("aws", "s3api", "list-objects-v2", "--bucket", bucket, "--output", "json")
    return (*words, f"--prefix={prefix}", *_options(settings))


def reading_argv(settings: BackupSettings, path: str) -> tuple[str, ...]:
    """Return the command that writes an object to its standard output."""
    bucket, prefix = _parts(settings)
    words = ("aws", "s3", "cp", "--only-show-errors")
    return (*words, *_options(settings), f"s3://{bucket}/{prefix}{path}", "-")


def variables_for_aws(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of ``aws``: it asks nothing, pages nothing and tries twice at most."""
    quiet = {"AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "2", "AWS_CLI_AUTO_PROMPT": "off"}
    return {**variables, **quiet}


def objects_in(answer: str, settings: BackupSettings) -> list[Backup]:
    """Return the backups among the listed objects; SourceError if the answer is not understood."""
    _, prefix = _parts(settings)
    try:
        # A bucket without objects below the prefix is answered with nothing at all.
        listed = json.loads(answer or "{}").get("Contents") or []
        found = {str(each["Key"]).removeprefix(prefix): each for each in listed}
        beside = frozenset(found)
        return [
            _backup(path, each, beside)
            for path, each in found.items()
            if is_backup(path.rpartition("/")[2])
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(
            f"aws gave no usable list of {settings.s3}",
            fix="Check that its version is 1.18 or later",
        ) from error


def refusal(complaint: str, settings: BackupSettings) -> SourceError:
    """Return what is wrong, told by what ``aws`` wrote to its standard error."""
    said = clean_line(complaint.strip().replace("\n", " "), limit=300)
    place = settings.s3
    profile = f" of profile {settings.s3_profile}" if settings.s3_profile else ""
    code = match[1] if (match := _CODE.search(complaint)) else ""
    if "could not be found" in complaint and "profile" in complaint:
        return SourceError(
            f"aws has no profile {settings.s3_profile or '$AWS_PROFILE'}",
            fix="Correct s3_profile, or add it with `aws configure --profile`",
        )
    if any(sign in complaint for sign in _NO_CREDENTIALS):
        return SourceError(
            f"aws has no credentials{profile} for {place}",
            fix="Name a profile as s3_profile, or sign in with `aws configure` or `aws sso login`",
        )
    if code in _EXPIRED or "expired" in complaint.lower():
        return SourceError(
            f"the credentials{profile} for {place} are not valid (any more)",
            fix="Sign in again, for example with `aws sso login`",
        )
    if code in ("AccessDenied", "403", "AllAccessDisabled"):
        return SourceError(
            f"access to {place} is denied{profile}",
            fix="Allow s3:ListBucket and s3:GetObject to whoever the console runs as",
        )
    if code in ("NoSuchKey", "404") and "HeadObject" in complaint:
        return SourceError(f"an object below {place} is not there any more", fix="Look again")
    if code in ("NoSuchBucket", "404") or "NoSuchBucket" in complaint:
        return SourceError(f"there is no bucket of {place}", fix="Correct s3 in the settings")
    if any(sign in complaint for sign in _UNREACHABLE):
        where = settings.s3_endpoint or "the endpoint of AWS"
        return SourceError(
            f"{where} cannot be reached for {place}",
            fix="Check the network, or correct s3_endpoint",
        )
    if any(sign in complaint for sign in _SLOW):
        return SourceError(f"{place} did not answer in time", fix="Check the network")
    return SourceError(
        f"aws has no access to {place}: {said or 'it said nothing'}",
        fix=f"Try `{' '.join(listing_argv(settings))}`",
    )


def _parts(settings: BackupSettings) -> tuple[str, str]:
    parts = bucket_and_prefix(settings.s3)
    if parts is None:
        raise SourceError(
            f"{settings.s3} is no address of a bucket", fix="Write it like s3://bucket/prefix"
        )
    return parts


def _options(settings: BackupSettings) -> tuple[str, ...]:
    timeouts = (
        f"--cli-connect-timeout={CONNECT_TIMEOUT_S}",
        f"--cli-read-timeout={READ_TIMEOUT_S}",
    )
    profile = (f"--profile={settings.s3_profile}",) if settings.s3_profile else ()
    endpoint = (f"--endpoint-url={settings.s3_endpoint}",) if settings.s3_endpoint else ()
    return (*timeouts, *profile, *endpoint)


def _backup(path: str, listed: Mapping[str, object], beside: frozenset[str]) -> Backup:
    changed_at = datetime.fromisoformat(str(listed["LastModified"])).astimezone(UTC)
    return Backup(
        path=path,
        place=PlaceKind.S3,
        made_at=made_at(path, changed_at),
        size_bytes=int(str(listed["Size"])),
        kind=kind_of(path),
        schedule=schedule_of(path),
        identity=str(listed.get("ETag", "")).strip('"'),
        checksums=checksums_of(path, beside),
    )
