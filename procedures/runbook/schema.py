"""The front matter as a JSON Schema, for editors that check while one types."""

from typing import Any

from procedures.environment import Method
from procedures.execution.secrets.spellings import SHORTEST_SECRET

_KEBAB = "^[a-z0-9]+(-[a-z0-9]+)*$"
_DURATION = r"^([0-9]+(\.[0-9]+)?(ms|s|m|h|d))+$"
_INPUT_NAME = "^[a-z][a-z0-9_]*$"


def front_matter_schema() -> dict[str, Any]:
    """Return the schema (JSON Schema, draft 2020-12) of what stands between the ``---`` lines."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Front matter of a procedure",
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "title"],
        "properties": {
            "id": _text("Unique, and the name of the file without .md", pattern=_KEBAB),
            "title": _text("What the list shows"),
            "theme": _text("The name of the folder", pattern=_KEBAB),
            "summary": _text("One sentence: what it does, and when to take it"),
            "when": _words("Names of the alerts that lead here"),
            "severity": _words("Severities of incidents that it serves", "P1", "P2", "P3", "P4"),
            "methods": _words(
                "Deployment methods that it is written for", *(each.value for each in Method)
            ),
            "duration": _text("How long it is expected to take", pattern=_DURATION),
            "roles": _words("Who is trained for it"),
            "inputs": {
                "description": "Values to ask for; commands see them as variables",
                "type": "object",
                "additionalProperties": False,
                "patternProperties": {_INPUT_NAME: _input()},
            },
            "rollback": _text("Id of the procedure that undoes this one", pattern=_KEBAB),
            "reviewed": {
                "description": "When somebody last read it through",
                "type": "string",
                "format": "date",
            },
            "review_every": _text("After how long that is due again", pattern=_DURATION),
        },
    }


def _input() -> dict[str, Any]:
    scalar = {"type": ["string", "integer", "number", "boolean"]}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "type": {"enum": ["string", "integer", "path", "choice"]},
            "default": scalar,
            "help": _text("What to enter"),
            "min": {"type": "integer"},
            "max": {"type": "integer"},
            "choices": {"type": "array", "items": scalar, "minItems": 1},
            "must_exist": {"type": "boolean"},
            "secret": {
                "description": "Not shown, recorded or kept, and taken out of all output if it "
                f"has {SHORTEST_SECRET} characters or more",
                "type": "boolean",
            },
        },
        # A default would tell it to whoever reads the document.
        "if": {"properties": {"secret": {"const": True}}, "required": ["secret"]},
        "then": {"properties": {"default": False}},
    }


def _text(about: str, **more: str) -> dict[str, Any]:
    return {"description": about, "type": "string", **more}


def _words(about: str, *known: str) -> dict[str, Any]:
    items: dict[str, Any] = {"enum": list(known)} if known else {"type": "string"}
    return {"description": about, "type": "array", "items": items}
