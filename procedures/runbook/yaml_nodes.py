"""Reading YAML nodes as mappings, texts and lists of texts, with the line of every key."""

from dataclasses import dataclass

import yaml

from procedures.runbook.problems import Problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of a mapping: its name, the line where it stands, and the node that it leads to."""

    name: str
    line: int
    node: yaml.Node


def keys_of(node: yaml.Node, line: int, what: str, problems: Problems) -> dict[str, Key]:
    """Return the keys of a mapping; anything else, and a key given twice, is a problem."""
    if not isinstance(node, yaml.MappingNode):
        problems.add(line, f"{what} must be a list of 'key: value'")
        return {}
    keys: dict[str, Key] = {}
    for name_node, value in node.value:
        # The block begins one line below the document's first, and marks count from 0.
        at = name_node.start_mark.line + 2
        if not isinstance(name_node, yaml.ScalarNode):
            problems.add(at, f"a key of {what} must be a word")
        elif name_node.value in keys:
            problems.add(at, f"'{name_node.value}' is given twice", "Keep one of them")
        else:
            keys[name_node.value] = Key(name=name_node.value, line=at, node=value)
    return keys


def text_of(key: Key, problems: Problems) -> str | None:
    """Return a single value as it is written; None, with a problem, if it is none or empty."""
    if not isinstance(key.node, yaml.ScalarNode):
        problems.add(key.line, f"'{key.name}' must be a single value")
        return None
    text = key.node.value.strip()
    if not text:
        problems.add(key.line, f"'{key.name}' is empty", "Give it a value, or remove the line")
        return None
    return str(text)


def texts_of(key: Key, problems: Problems) -> tuple[str, ...] | None:
    """Return a list of single values; one value without brackets is a problem."""
    if not isinstance(key.node, yaml.SequenceNode):
        problems.add(key.line, f"'{key.name}' must be a list", f"Write '{key.name}: [one, two]'")
        return None
    entries = [Key(name=key.name, line=key.line, node=node) for node in key.node.value]
    texts = [text_of(entry, problems) for entry in entries]
    return tuple(text for text in texts if text is not None)


def flag_of(key: Key, problems: Problems) -> bool | None:
    """Return true or false; any other word is a problem."""
    text = text_of(key, problems)
    if text in (None, "true", "false"):
        return None if text is None else text == "true"
    problems.add(key.line, f"'{key.name}' must be true or false, not '{text}'")
    return None


def integer_of(key: Key, problems: Problems) -> int | None:
    """Return a whole number of at most 18 digits; anything else is a problem."""
    text = text_of(key, problems)
    if text is None:
        return None
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) <= 18:
        return int(text)
    problems.add(key.line, f"'{key.name}' must be a whole number, not '{text}'")
    return None
