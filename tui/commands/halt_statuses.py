"""Which exit status stands for which halt; the table itself is in :mod:`tui.commands.statuses`."""

from procedures.execution.rehearsal.dry_run import Obstacle
from procedures.execution.unattended.orders import Halt
from tui.commands.arguments import USAGE_STATUS
from tui.commands.statuses import (
    COMPLETED,
    FAILED,
    FOLLOWS,
    IN_DOUBT,
    REFUSED,
    SECOND_PERSON,
    WAITS,
)

OF_HALT = {
    Halt.COMPLETED: COMPLETED,
    Halt.ROLLED_BACK: COMPLETED,
    Halt.ABORTED: FAILED,
    Halt.FAILED: FAILED,
    Halt.PRECONDITION: WAITS,
    Halt.ITEMS: WAITS,
    Halt.CHOICE: WAITS,
    Halt.ELSEWHERE: WAITS,
    Halt.INTERACTIVE: WAITS,
    Halt.PAUSED: WAITS,
    Halt.CHANGED: WAITS,
    Halt.BLOCKED: WAITS,
    Halt.DESTRUCTIVE: REFUSED,
    Halt.REFUSED: REFUSED,
    Halt.SECOND_PERSON: SECOND_PERSON,
    Halt.DOUBT: IN_DOUBT,
    Halt.FOLLOWS: FOLLOWS,
}

OF_OBSTACLE = {
    Obstacle.INPUTS: USAGE_STATUS,
    Obstacle.REFUSED: REFUSED,
    Obstacle.PRECONDITION: WAITS,
    Obstacle.CHECK: FAILED,
}
