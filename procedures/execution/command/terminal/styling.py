"""SGR: the sequence that changes the style of what follows."""

from collections.abc import Iterator

from procedures.execution.command.terminal.cells import PLAIN, CellStyle

_SWITCHES = {
    1: {"bold": True},
    4: {"underline": True},
    7: {"reverse": True},
    21: {"bold": False},
    22: {"bold": False},
    24: {"underline": False},
    27: {"reverse": False},
}


def restyled(style: CellStyle, parameters: list[int]) -> CellStyle:
    """Return ``style`` changed as the parameters of an SGR sequence say."""
    rest = iter(parameters)
    for code in rest:
        if code == 0:
            style = PLAIN
        elif code in _SWITCHES:
            style = style._replace(**_SWITCHES[code])
        elif code in (38, 48):
            colour = _long_colour(next(rest, 0), rest)
            if colour is not None:
                style = style._replace(ink=colour) if code == 38 else style._replace(ground=colour)
        elif 30 <= code <= 39:
            style = style._replace(ink=None if code == 39 else code - 30)
        elif 40 <= code <= 49:
            style = style._replace(ground=None if code == 49 else code - 40)
        elif 90 <= code <= 97:
            style = style._replace(ink=code - 82)
        elif 100 <= code <= 107:
            style = style._replace(ground=code - 92)
    return style


def _long_colour(kind: int, rest: Iterator[int]) -> int | None:
    if kind == 5:
        return min(next(rest, 0), 255)
    if kind == 2:
        red, green, blue = (min(next(rest, 0), 255) for _ in range(3))
        return 16 + 36 * _sixth(red) + 6 * _sixth(green) + _sixth(blue)
    return None


def _sixth(value: int) -> int:
    """Return the nearest of the six steps of xterm's colour cube."""
    return 0 if value < 48 else 1 if value < 115 else (value - 35) // 40
