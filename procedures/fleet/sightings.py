"""Which targets were seen, and when: one that is gone from an answer is unknown, never well."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from procedures.fleet.grouping import Target

FORGOTTEN_AFTER = timedelta(hours=1)
"""How long a target is shown that is not seen any more: instances come and go."""


class Sightings:
    """The last sight of every target, by the value of the label."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[Target, datetime]] = {}

    def note(self, known: Mapping[str, Target], at: datetime) -> None:
        """Note what an answer says, and forget what has not been in one for long."""
        self._seen |= {label: (target, at) for label, target in known.items()}
        for label in [
            n for n, (_, seen_at) in self._seen.items() if at - seen_at > FORGOTTEN_AFTER
        ]:
            del self._seen[label]

    def __contains__(self, label: str) -> bool:
        return label in self._seen

    def __iter__(self) -> Iterator[tuple[str, Target, datetime]]:
        for label, (target, seen_at) in self._seen.items():
            yield label, target, seen_at
