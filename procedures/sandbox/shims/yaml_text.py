"""JSON values as YAML text, and the little of YAML that manifests need to be recognised."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

_PLAIN = re.compile(r"[A-Za-z_/][\w ./@%+-]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "~"})


def dumped(value: object, indent: int = 0) -> str:
    """Return a value as YAML, without a last line break."""
    margin = " " * indent
    if isinstance(value, Mapping) and value:
        return "\n".join(f"{margin}{key}:{_after(each, indent)}" for key, each in value.items())
    if isinstance(value, list) and value:
        return "\n".join(_item(each, margin, indent) for each in value)
    return margin + _scalar(value)


def _item(value: object, margin: str, indent: int) -> str:
    text = dumped(value, indent + 2)
    return f"{margin}- {text[indent + 2 :]}"


def _after(value: object, indent: int) -> str:
    if isinstance(value, Mapping) and value:
        return "\n" + dumped(value, indent + 2)
    if isinstance(value, list) and value:
        return "\n" + dumped(value, indent)
    if isinstance(value, str) and "\n" in value:
        lines = value.rstrip("\n").split("\n")
        return " |\n" + "\n".join(f"{' ' * (indent + 2)}{line}".rstrip() for line in lines)
    return " " + _scalar(value)


def _scalar(value: object) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One document of a manifest file.

    Attributes:
        text: The whole document.
    """

    kind: str
    name: str
    text: str


def manifests(text: str) -> list[Manifest]:
    """Return the documents of a manifest file that name a kind; YAML or JSON."""
    if text.lstrip().startswith("{"):
        value = json.loads(text)
        items = value["items"] if value.get("kind") == "List" else [value]
        return [
            Manifest(kind=item["kind"], name=item["metadata"]["name"], text=json.dumps(item))
            for item in items
        ]
    found = []
    for part in re.split(r"^---.*$", text, flags=re.MULTILINE):
        found += _documents(part)
    return found


def _documents(part: str) -> list[Manifest]:
    kind = re.search(r"^kind:\s*(\w+)", part, re.MULTILINE)
    if kind is None:
        return []
    if kind[1].endswith("List"):
        items = re.split(r"^- ", part, flags=re.MULTILINE)[1:]
        return [each for item in items for each in _documents(re.sub(r"^  ", "", item, flags=re.M))]
    metadata = re.search(r"^metadata:\s*\n((?:[ \t]+.*\n?)+)", part, re.MULTILINE)
    name = re.search(r"^\s+name:\s*[\"']?([\w.-]+)", metadata[1] if metadata else "", re.MULTILINE)
    inline = re.search(r"^metadata:\s*\{.*?\bname:\s*[\"']?([\w.-]+)", part, re.MULTILINE)
    shown = name or inline
    return [Manifest(kind=kind[1], name=shown[1] if shown else "", text=part.strip())]


def claims_by_path(text: str) -> dict[str, str]:
    """Return which claim a pod's manifest mounts at which path."""
    words = re.sub(r"[\s{}\[\]\"']+|(?<=\s)-(?=\s)", " ", text)
    words = re.sub(r" +", " ", words)
    claims = dict(re.findall(r"name: ([\w-]+),? persistentVolumeClaim: claimName: ([\w-]+)", words))
    mounts = re.findall(r"name: ([\w-]+),? mountPath: ([^\s,]+)", words)
    return {path: claims[name] for name, path in mounts if name in claims}
