"""What ``quarterdeck run`` and its kin exit with: one table, for the code and for the help."""

from tui.commands.arguments import USAGE_STATUS

COMPLETED, FAILED, WAITS, REFUSED, IN_DOUBT, SECOND_PERSON, FOLLOWS = 0, 1, 3, 4, 5, 6, 7

STATUSES = (
    (COMPLETED, "the run is completed, or wholly undone"),
    (FAILED, "a step failed, or the run was aborted"),
    (USAGE_STATUS, "command line, settings, document, inputs, policy or ledger cannot be used"),
    (WAITS, "the run waits for an operator: an item, a choice, a precondition, a pause"),
    (REFUSED, "refused: by the policy, by a second person, or a destructive step is not named"),
    (IN_DOUBT, "nobody knows how a command ended; say it with --resolve"),
    (SECOND_PERSON, "the run waits for the approval of a second person"),
    (FOLLOWS, "another operator or console drives the run; see --take-over"),
    (130, "interrupted by Ctrl+C (143: terminated); the step's command goes on"),
)
"""Exit statuses and what they mean."""


def statuses_text() -> str:
    """Return the table as a help text shows it."""
    lines = "\n".join(f"  {status:<3}  {meaning}" for status, meaning in STATUSES)
    return f"exit status:\n{lines}\n"
