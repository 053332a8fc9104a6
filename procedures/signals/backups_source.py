"""What the environment's backups come to, whenever it is asked."""

from procedures.backups.depot import Depot
from procedures.backups.judgement import is_verified
from procedures.clock import Clock
from procedures.environment import Environment
from procedures.reference.states import State, worst
from procedures.signals.values import Backups


class BackupsSource:
    """Looks at the files and objects; never into them."""

    name = "backups"

    def __init__(
        self, environment: Environment, *, interval_s: float, timeout_s: float, clock: Clock
    ) -> None:
        places = (str(environment.backup_dir or ""), environment.backups.s3)
        self.address = " and ".join(filter(None, places))
        self.interval_s = interval_s
        self.timeout_s = timeout_s
        self._depot = Depot(environment, clock)

    async def read(self) -> Backups:
        """Return how the backups stand."""
        stock = await self._depot.stock()
        judged = self._depot.judged(stock)
        newest = judged.newest
        whole = [each.made_at for each in stock.backups if is_verified(each, stock.known)]
        return Backups(
            # A place that is not seen may hold what would be wrong, or what would make it right.
            state=worst((judged.state, State.UNKNOWN)) if stock.faults else judged.state,
            newest=newest.path if newest else "",
            newest_at=newest.made_at if newest else None,
            size_bytes=newest.size_bytes if newest else 0,
            count=len(stock.backups),
            fault="; ".join(filter(None, (judged.fault, *stock.faults))),
            partly=bool(stock.faults) and not judged.fault,
            schedules=judged.schedules,
            recovery=judged.recovery,
            verified=judged.last,
            verified_at=max(whole, default=None),
        )

    async def aclose(self) -> None:
        """Do nothing: no file stays open."""
