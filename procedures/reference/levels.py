"""How dangerous a command is."""

from enum import Enum


class Level(Enum):
    """What a command may do to the world; the value is the word of the documents."""

    READ = "read"
    CHANGE = "change"
    DESTRUCTIVE = "destructive"

    @property
    def rank(self) -> int:
        """0 (read) to 2 (destructive)."""
        return _RANK[self]


_RANK = {Level.READ: 0, Level.CHANGE: 1, Level.DESTRUCTIVE: 2}


def highest(*levels: Level) -> Level:
    """Return the most dangerous of ``levels``; READ when there is none."""
    return max(levels, key=lambda level: level.rank, default=Level.READ)
