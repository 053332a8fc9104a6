"""``quarterdeck config init``: write a settings file, filled in with what is found."""

import argparse
import asyncio
import json
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from procedures.execution.cleaning import clean_line
from tui.commands.chosen import chosen_path

if TYPE_CHECKING:
    from pathlib import Path

    from procedures.environment import Environment, TargetAddress
    from procedures.targets.detection.proposals import Proposal
    from procedures.targets.detection.values import Deployment, Found


def run_init(arguments: argparse.Namespace) -> int:
    """Write the file where the console will look for it; nothing is asked if it is there."""
    from tui.settings.load import refuse_existing, write_new
    from tui.settings.template import TEMPLATE

    path = chosen_path(arguments)
    if not arguments.force:
        refuse_existing(path)
    found, proposals = _look() if arguments.detect else (None, ())
    text = TEMPLATE
    if found is not None and proposals:
        from tui.settings.detected import detected_settings

        text = detected_settings(proposals, found.machine)
    write_new(path, text, overwrite=arguments.force)
    if arguments.json:
        print(json.dumps(_told(path, found, proposals), indent=2))
    else:
        print("\n".join(_lines(path, found, proposals)))
    return 0


def _look() -> "tuple[Found, Sequence[Proposal]]":
    from procedures.clock import SystemClock
    from procedures.environment import Environment, Method, Tier
    from procedures.targets.detection.detect import detect
    from procedures.targets.detection.proposals import proposals_of
    from procedures.targets.variables import step_variables

    nobody = Environment(name="none", tier=Tier.PRODUCTION, method=Method.DOCKER)
    found = asyncio.run(detect(step_variables(nobody, {}, inherited=os.environ), SystemClock()))
    return found, proposals_of(found)


def _lines(path: "Path", found: "Found | None", proposals: "Sequence[Proposal]") -> Iterator[str]:
    if found is None:
        yield f"wrote {path}"
        yield "  Edit it, then try it with `quarterdeck config check`"
        return
    for proposal in proposals:
        yield from _proposal_lines(proposal)
    for each in found.unasked:
        yield f"not asked  {clean_line(each.place)}: {clean_line(each.why)}"
    if not proposals:
        yield f"wrote {path} with examples only: nothing was found that looks like the service"
        yield "  Edit it, then try it with `quarterdeck config check`"
        return
    default = proposals[0].environment.name
    yield f"wrote {path}; `{default}` is opened by default"
    yield "  Look at its tiers, then try it with `quarterdeck config check`"


def _proposal_lines(proposal: "Proposal") -> Iterator[str]:
    from tui.settings.detected import tier_comment

    environment = proposal.environment
    yield f"found  {environment.name}  {environment.tier.value}, {tier_comment(proposal)}"
    for each in proposal.deployments:
        where = clean_line(_where(each.address))
        yield f"  {each.address.method.value}  {where}  ({each.sureness.value}: {each.sign})"
        if each.note:
            yield f"    {clean_line(each.note)}"
    for key, url in _addresses(environment):
        yield f"  {key}  {url}"
    for key in ("backup_dir", "data_dir"):
        if directory := getattr(environment, key):
            yield f"  {key}  {directory}"


def _where(address: "TargetAddress") -> str:
    parts = {
        "project": address.project,
        "context": address.context,
        "namespace": address.namespace,
        "service": address.service,
        "units": " ".join(address.units),
    }
    return ", ".join(f"{key} {value}" for key, value in parts.items() if value)


def _addresses(environment: "Environment") -> Iterator[tuple[str, str]]:
    for key in ("prometheus", "alertmanager", "health", "api"):
        if endpoint := getattr(environment, key):
            yield key, endpoint.url
    for endpoint in environment.metrics:
        yield "metrics", endpoint.url


def _told(
    path: "Path", found: "Found | None", proposals: "Sequence[Proposal]"
) -> dict[str, object]:
    return {
        "path": str(path),
        "environments": [
            {
                "name": each.environment.name,
                "tier": each.environment.tier.value,
                "tier_word": each.tier_word,
                "method": each.environment.method.value,
                "targets": [one.name for one in each.environment.targets],
            }
            for each in proposals
        ],
        "deployments": [_deployment(each) for each in found.deployments] if found else [],
        "addresses": [
            {"key": each.door.value, "url": each.url, "project": each.project}
            for each in (found.answering if found else ())
        ],
        "directories": [
            {"key": each.key, "path": str(each.path)}
            for each in (found.directories if found else ())
        ],
        "unasked": [
            {"place": each.place, "why": each.why} for each in (found.unasked if found else ())
        ],
    }


def _deployment(deployment: "Deployment") -> dict[str, object]:
    address = deployment.address
    return {
        "method": address.method.value,
        "service": address.service,
        "project": address.project,
        "context": address.context,
        "kubeconfig": str(address.kubeconfig or ""),
        "namespace": address.namespace,
        "units": list(address.units),
        "sureness": deployment.sureness.value,
        "sign": deployment.sign,
        "place": deployment.place,
        "beside": list(deployment.beside),
        "facts": dict(deployment.facts),
        "note": deployment.note,
    }
