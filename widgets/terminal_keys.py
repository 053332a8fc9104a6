"""Keys of the console, as the bytes that a terminal sends for them.

Source: "XTerm Control Sequences", the default (PC-style) function keys.
"""

_CURSOR = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}
_FUNCTION = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}
_NUMBERED = {
    **{"insert": 2, "delete": 3, "pageup": 5, "pagedown": 6},
    **{"f5": 15, "f6": 17, "f7": 18, "f8": 19, "f9": 20, "f10": 21, "f11": 23, "f12": 24},
}
_PLAIN = {"enter": b"\r", "tab": b"\t", "escape": b"\x1b", "backspace": b"\x7f", "space": b" "}
_CONTROL = {
    **{"ctrl+@": b"\x00", "ctrl+space": b"\x00", "ctrl+backslash": b"\x1c"},
    **{"ctrl+circumflex_accent": b"\x1e", "ctrl+underscore": b"\x1f", "shift+tab": b"\x1b[Z"},
    **{"ctrl+backspace": b"\x08", "shift+enter": b"\r", "shift+backspace": b"\x7f"},
}
_MODIFIERS = {"shift": 1, "alt": 2, "ctrl": 4}


def key_bytes(key: str, character: str | None, *, application_cursor: bool = False) -> bytes:
    """Return what is typed for a key; empty if it is none that a terminal knows.

    Args:
        key: Textual's name of it, such as ``ctrl+left``.
        character: What it prints, if it prints.
        application_cursor: The program asked for the other form of the arrow keys.
    """
    if fixed := _PLAIN.get(key) or _CONTROL.get(key):
        return fixed
    *modifiers, name = key.split("+") if key != "+" else [key]
    held = sum(_MODIFIERS.get(each, 0) for each in modifiers)
    if special := _special(name, held, application_cursor=application_cursor):
        return special
    if "alt" in modifiers:
        rest = key_bytes("+".join(each for each in (*modifiers, name) if each != "alt"), character)
        return b"\x1b" + (rest or name.encode()) if rest or len(name) == 1 else b""
    if "ctrl" in modifiers and len(name) == 1 and name.isascii() and name.isalpha():
        return bytes([ord(name) & 0x1F])
    if character:
        return character.encode(errors="replace")
    return name.encode(errors="replace") if len(key) == 1 else b""


def paste_bytes(text: str, *, bracketed: bool) -> bytes:
    """Return what is typed for a pasted text: no control can hide in it.

    Args:
        text: From the clipboard.
        bracketed: The program wants to know where it begins and ends.
    """
    lines = text.replace("\r\n", "\r").replace("\n", "\r")
    harmless = "".join(each for each in lines if each in "\r\t" or each.isprintable())
    data = harmless.encode(errors="replace")
    return b"\x1b[200~" + data + b"\x1b[201~" if bracketed else data


def _special(name: str, held: int, *, application_cursor: bool) -> bytes:
    if letter := _CURSOR.get(name) or _FUNCTION.get(name):
        if held:
            return f"\x1b[1;{held + 1}{letter}".encode()
        single = application_cursor or name in _FUNCTION
        return f"\x1b{'O' if single else '['}{letter}".encode()
    if number := _NUMBERED.get(name):
        return f"\x1b[{number};{held + 1}~".encode() if held else f"\x1b[{number}~".encode()
    return b""
