"""One entry of ``inputs`` in the front matter becomes an Input."""

import re
from collections.abc import Callable
from typing import Any

from procedures.runbook.model import Input
from procedures.runbook.problems import Problems, nearest
from procedures.runbook.yaml_nodes import Key, flag_of, integer_of, keys_of, text_of, texts_of

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TYPES = ("string", "integer", "path", "choice")
_ONLY_FOR = {"min": "integer", "max": "integer", "choices": "choice", "must_exist": "path"}

_FIELDS: dict[str, tuple[str, Callable[[Key, Problems], Any]]] = {
    "type": ("type", text_of),
    "default": ("default", text_of),
    "help": ("help", text_of),
    "min": ("minimum", integer_of),
    "max": ("maximum", integer_of),
    "choices": ("choices", texts_of),
    "must_exist": ("must_exist", flag_of),
    "secret": ("secret", flag_of),
}


def input_of(key: Key, problems: Problems) -> Input | None:
    """Return the input that ``key`` declares; None, with problems, if it contradicts itself."""
    if not _NAME.fullmatch(key.name):
        # Capitals belong to the environment's own facts, PATH and the like among them.
        problems.add(key.line, f"input '{key.name}' must be in small letters, digits and '_'")
        return None
    keys = keys_of(key.node, key.line, f"input '{key.name}'", problems)
    fields: dict[str, Any] = {}
    for name, entry in keys.items():
        if name in _FIELDS:
            field, reader = _FIELDS[name]
            fields[field] = reader(entry, problems)
        else:
            problems.add(entry.line, f"unknown key '{name}' of an input", nearest(name, _FIELDS))
    given = {field: value for field, value in fields.items() if value is not None}
    value = Input(name=key.name, **given)
    return value if _is_sound(value, keys, key.line, problems) else None


def _is_sound(value: Input, keys: dict[str, Key], line: int, problems: Problems) -> bool:
    """Tell whether the declaration makes sense; what does not goes to ``problems``."""
    if value.type not in _TYPES:
        problems.add(line, f"unknown type '{value.type}'", nearest(value.type, _TYPES))
        return False
    wrong = [
        f"'{name}' is only for type {owner}, not {value.type}"
        for name, owner in _ONLY_FOR.items()
        if name in keys and value.type != owner
    ]
    if value.secret and value.type in ("choice", "path"):
        wrong.append(f"'secret' is not for type {value.type}: the values of that are no secrets")
    if value.secret and value.default is not None:
        wrong.append("a secret has no default: whoever reads the document would know it")
    if value.type == "choice" and not value.choices:
        wrong.append("type choice needs 'choices: [one, two]'")
    if value.minimum is not None and value.maximum is not None and value.minimum > value.maximum:
        wrong.append(f"min {value.minimum} is above max {value.maximum}")
    if not wrong and value.default is not None:
        wrong += _default_faults(value)
    for text in wrong:
        problems.add(line, f"input '{value.name}': {text}")
    return not wrong


def _default_faults(value: Input) -> list[str]:
    """Return what is wrong with the default, which is held against the limits as any answer is."""
    default = value.default or ""
    if value.type == "choice" and default not in value.choices:
        return [f"default '{default}' is none of the choices"]
    if value.type == "integer":
        if not re.fullmatch(r"-?\d{1,18}", default, re.ASCII):
            return [f"default '{default}' is not a whole number"]
        low = value.minimum is not None and int(default) < value.minimum
        high = value.maximum is not None and int(default) > value.maximum
        if low or high:
            return [f"default {default} is outside its limits"]
    return []
