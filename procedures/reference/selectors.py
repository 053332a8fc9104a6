"""Selectors as PromQL writes them: ``http_requests_total{status=~"5.."}``."""

import re

from procedures.errors import PolicyDataError
from procedures.reference.measures import Match, MatchOp, Selector

_SELECTOR = re.compile(r"\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{(.*)\}\s*)?")
_CONDITION = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"([^"\\]*)"\s*')


def parse_selector(text: str) -> Selector:
    """Read one selector; PolicyDataError if it is none. Label values have no escapes here."""
    whole = _SELECTOR.fullmatch(text)
    if whole is None:
        raise PolicyDataError(f"{text!r} is not a selector", fix='Write metric{label="value"}')
    return Selector(whole[1], tuple(_conditions(whole[2] or "", text)))


def _conditions(inside: str, text: str) -> list[Match]:
    conditions = []
    position = 0
    while position < len(inside):
        condition = _CONDITION.match(inside, position)
        end = condition.end() if condition else position
        if condition is None or (end < len(inside) and inside[end] != ","):
            raise PolicyDataError(
                f"{text!r} has a condition that is not understood",
                fix='Write label="value", with =, !=, =~ or !~, separated by commas',
            )
        label, op, value = condition.groups()
        conditions.append(Match(label, MatchOp(op), value))
        position = end + 1
    return conditions
