"""What looks like the service; pure."""

import re
from collections.abc import Iterable

SERVICE = "llm-config-manager"
FAMILY = "llm-config"
_BESIDE = re.compile(
    r"postgres|redis|prometheus|alertmanager|grafana|exporter|backup|cleanup|healthcheck|migrat"
    r"|vault|proxy|nginx|(^|[-_/.])(db|database|cache)([-_:.]|$)"
)
_USABLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@:/\\-]*", re.ASCII)
_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


def rank(name: str, images: Iterable[str] = (), labels: Iterable[str] = ()) -> int | None:
    """Return how well a workload's name, images and labels fit: 0 is best, None is not at all."""
    if name == SERVICE:
        return 0
    named = name.lower()
    if _BESIDE.search(named):
        return None
    if SERVICE in labels:
        return 1
    imaged = [each for each in map(_repository, images) if not _BESIDE.search(each)]
    for fit, wanted in ((2, SERVICE), (4, FAMILY)):
        if wanted in named:
            return fit
        if any(wanted in each for each in imaged):
            return fit + 1
    return None


def sign(fit: int, word: str) -> str:
    """Return what a rank means, for a workload that people call ``word``."""
    return (
        f"a {word} of that name",
        f"a {word} with that label",
        f"a {word} with that in its name",
        f"a {word} with that in its image",
        f"a {word} with {FAMILY} in its name",
        f"a {word} with {FAMILY} in its image",
    )[fit]


def is_certain(fit: int) -> bool:
    """Tell whether a rank leaves no doubt."""
    return fit <= 1


def is_usable(name: str) -> bool:
    """Tell whether the settings can hold a name, and a command line too."""
    return _USABLE.fullmatch(name) is not None


def is_namespace(name: str) -> bool:
    """Tell whether a namespace can be called ``name``."""
    return _NAMESPACE.fullmatch(name) is not None


def is_text(text: str) -> bool:
    """Tell whether a file can hold a text: half of a character is none."""
    return text.isprintable() and bool(text)


def _repository(image: str) -> str:
    """Return an image's name without its tag and digest, and without the registry's host."""
    bare = image.partition("@")[0].lower()
    head, slash, last = bare.rpartition("/")
    bare = f"{head}{slash}{last.partition(':')[0]}"
    first, slash, rest = bare.partition("/")
    return rest if slash and ("." in first or ":" in first or first == "localhost") else bare
