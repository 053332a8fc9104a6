"""The files that tell which cluster is meant, merged as ``kubectl`` merges them; blocks.

Of several files the first one that sets a value wins, also for ``current-context``; the client
library lets the last one win, so its own loader is not used.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import yaml

from procedures.errors import SourceError
from procedures.execution.cleaning import clean_line
from procedures.targets.kubernetes.fields import Json, part, parts, text

Stamp = tuple[tuple[str, int, int, int], ...]
"""Path, time of change, size and inode of each file; another one means that something changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a file says of a cluster, a user or a context; its paths are relative to ``folder``."""

    folder: Path
    value: Json

    def path(self, key: str) -> Path | None:
        """Return the path that stands at ``key``."""
        given = text(self.value, key)
        return self.folder / given if given else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kubeconfig:
    """All files as one.

    Attributes:
        files: Those that are there.
        current: Name of the context that is used unless another one is named.
    """

    files: tuple[Path, ...]
    current: str = ""
    contexts: Mapping[str, Entry] = field(default_factory=lambda: MappingProxyType({}))
    clusters: Mapping[str, Entry] = field(default_factory=lambda: MappingProxyType({}))
    users: Mapping[str, Entry] = field(default_factory=lambda: MappingProxyType({}))


def files_of(given: Path | None, variables: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the files that count, whether or not they are there."""
    if given is not None:
        return (given.expanduser(),)
    listed = [each for each in variables.get("KUBECONFIG", "").split(os.pathsep) if each]
    if listed:
        return tuple(Path(each) for each in listed)
    home = variables.get("HOME", "")
    return ((Path(home) if home else Path.home()) / ".kube" / "config",)


def stamp_of(files: Sequence[Path]) -> Stamp:
    """Return what tells whether files were written since; a file that is not there counts, too."""
    stamps = []
    for path in files:
        try:
            found = path.stat()
        except OSError:
            stamps.append((str(path), 0, 0, 0))
        else:
            stamps.append((str(path), found.st_mtime_ns, found.st_size, found.st_ino))
    return tuple(stamps)


def read(files: Sequence[Path]) -> Kubeconfig | None:
    """Return the files as one; None if there is none of them."""
    read_files = [(path, content) for path in files if (content := _read(path)) is not None]
    if not read_files:
        return None
    contents = [(path.absolute().parent, content) for path, content in read_files]
    currents = [text(content, "current-context") for _, content in contents]
    return Kubeconfig(
        files=tuple(path for path, _ in read_files),
        current=next((each for each in currents if each), ""),
        contexts=_named("contexts", "context", contents),
        clusters=_named("clusters", "cluster", contents),
        users=_named("users", "user", contents),
    )


def _read(path: Path) -> Json | None:
    try:
        content: object = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise SourceError(
            f"the kubeconfig {path} may not be read by this user",
            fix=f"Look at `ls -l {path}`, and let its owner be who runs the console",
        ) from error
    except OSError as error:
        raise SourceError(
            f"the kubeconfig {path} cannot be read: {error.strerror}", fix=f"Look at {path}"
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        raise SourceError(
            f"the kubeconfig {path} is not YAML: {clean_line(_trouble(error))}",
            fix=f"Mend it, or fetch it anew; `kubectl --kubeconfig {path} config view` reads it",
        ) from error
    if content is None:
        return {}  # kubectl reads an empty file so
    if not isinstance(content, Mapping):
        raise SourceError(
            f"the kubeconfig {path} holds no settings but a {type(content).__name__}",
            fix="Mend it, or fetch it anew",
        )
    return content


def _trouble(error: Exception) -> str:
    """Return what is wrong with a file's text, without the text: it may be a secret."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or type(error).__name__
    return f"line {mark.line + 1}: {problem}" if mark is not None else str(problem)


def _named(listed: str, key: str, contents: Sequence[tuple[Path, Json]]) -> Mapping[str, Entry]:
    found: dict[str, Entry] = {}
    for folder, content in contents:
        for each in parts(content, listed):
            found.setdefault(text(each, "name"), Entry(folder=folder, value=part(each, key)))
    return MappingProxyType(found)
