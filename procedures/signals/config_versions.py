"""When the service's configurations were changed, by its own API; values are never kept."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from procedures.environment import Environment, Tier
from procedures.errors import SourceError
from procedures.signals.http import Site
from procedures.targets.changes import Change, ChangeKind

TIMEOUT_S = 10.0
_ENVIRONMENTS = {
    Tier.DEVELOPMENT: "development",
    Tier.STAGING: "staging",
    Tier.PRODUCTION: "production",
    Tier.SANDBOX: "production",
}
"""What the API calls the tiers."""


async def config_changes(environment: Environment, since: datetime) -> list[Change]:
    """Return the newest version of each configuration that was changed since.

    Source: ``GET /api/v1/configs/{namespace}?env=…`` of the namespaces that the settings name.

    Raises:
        SourceError: The API does not answer, or not as expected.
    """
    if environment.api is None or not environment.config_namespaces:
        return []
    site = Site(environment.api, timeout_s=TIMEOUT_S)
    try:
        asked = (_of_namespace(site, each, environment) for each in environment.config_namespaces)
        found = await asyncio.gather(*asked)
    finally:
        await site.aclose()
    return [change for changes in found for change in changes if change.at >= since]


async def _of_namespace(site: Site, namespace: str, environment: Environment) -> Sequence[Change]:
    # A name may hold slashes, which the API takes for one segment only if they are escaped; and it
    # refuses a second parameter.
    path = f"/api/v1/configs/{quote(namespace, safe='')}"
    answer = (await site.get(path, {"env": _ENVIRONMENTS[environment.tier]})).json()
    if not isinstance(answer, list):
        raise SourceError(
            f"{site.address} gave no list of configurations for {namespace}",
            fix="Check the address of `api`",
        )
    return [change for each in answer if (change := _change(namespace, each)) is not None]


def _change(namespace: str, config: Any) -> Change | None:  # noqa: ANN401 - JSON from outside
    """Return the change that led to a configuration; None if it does not say when it was."""
    try:
        metadata = config["metadata"]
        at = datetime.fromisoformat(metadata["updated_at"])
        text = f"version {int(config['version'])} by {metadata.get('updated_by') or 'somebody'}"
        subject = f"{namespace}:{config['key']}"
    except (KeyError, TypeError, ValueError):
        return None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return Change(
        at=at, kind=ChangeKind.CONFIGURATION, subject=subject, text=text, source="configuration"
    )
