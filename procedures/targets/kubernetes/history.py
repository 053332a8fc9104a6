"""Rollouts and image changes, from the revisions that a cluster keeps; pure."""

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise

from procedures.targets.changes import Change, ChangeKind
from procedures.targets.kubernetes.revisions import Revision, Revisions


def rollouts(revisions: Revisions, source: str, since: datetime) -> list[Change]:
    """Return the rollouts since, and what each changed of the images.

    The cluster keeps no time at which somebody went back to a revision; its events tell that.
    """
    found = []
    for (_, name), kept in revisions.items():
        # In the order of their making: one that was gone back to has a high number, yet is old.
        made = sorted(kept, key=lambda each: min(each.number, *each.earlier, each.number))
        for before, revision in pairwise((None, *made)):
            if revision is None or revision.at is None or revision.at < since:
                continue
            found.append(
                Change(
                    at=revision.at,
                    kind=ChangeKind.ROLLOUT,
                    subject=name,
                    text=_what(before, revision),
                    source=source,
                )
            )
            if swapped := _swapped(before, revision):
                found.append(
                    Change(
                        at=revision.at,
                        kind=ChangeKind.IMAGE,
                        subject=name,
                        text=swapped,
                        source=source,
                    )
                )
    return found


def _what(before: Revision | None, revision: Revision) -> str:
    number = min(revision.number, *revision.earlier, revision.number)
    what = f"revision {number} is rolled out"
    if before is not None and revision.restarted and revision.restarted != before.restarted:
        what = f"restarted as revision {number}"
    if revision.earlier:
        what += f", by now revision {revision.number} again"
    return f"{what}: {revision.cause}" if revision.cause else what


def _swapped(before: Revision | None, revision: Revision) -> str:
    """Return which images a revision replaced, and with what."""
    old: Mapping[str, str] = before.images if before else {}
    swaps = [
        f"{container}: {old[container]} → {image}"
        for container, image in revision.images.items()
        if old.get(container, image) != image
    ]
    return ", ".join(swaps)
