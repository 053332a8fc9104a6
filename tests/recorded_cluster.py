"""What a real API server answered, kept without the fields that nobody reads here."""

import json
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "data" / "kubernetes"


@cache
def recorded(name: str) -> Any:  # noqa: ANN401
    """Return an answer as it was recorded; nobody may change it."""
    return json.loads((_FOLDER / f"{name}.json").read_text())


def items(name: str) -> list[dict[str, Any]]:
    """Return the objects of a recorded list."""
    found: list[dict[str, Any]] = recorded(name)["items"]
    return found


def pod(name: str) -> dict[str, Any]:
    """Return a recorded pod."""
    return next(each for each in items("pods") if each["metadata"]["name"] == name)
