"""Values and keys as a TOML file writes them; pure."""

import json
import re
from collections.abc import Iterable

_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def quoted(text: str) -> str:
    """Return a basic string; JSON's escapes are TOML's, which wants one more."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def array(texts: Iterable[str]) -> str:
    """Return an array of strings on one line."""
    return f"[{', '.join(map(quoted, texts))}]"


def key(name: str) -> str:
    """Return one part of a key, in quotes where it needs them."""
    return name if _BARE.fullmatch(name) else quoted(name)
