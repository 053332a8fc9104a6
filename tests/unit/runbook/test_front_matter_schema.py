"""What an editor is told about the front matter is what the parser accepts."""

from typing import Any

import jsonschema
import pytest
import yaml

from procedures.runbook import front_matter
from procedures.runbook.catalogue import load
from procedures.runbook.schema import front_matter_schema

SCHEMA = front_matter_schema()


class _AsEditorsDo(yaml.SafeLoader):
    """Reads numbers and truth values, but leaves a date the text that it is in YAML 1.2."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in found if not tag.endswith(":timestamp")]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_it_knows_the_keys_that_the_parser_reads() -> None:
    assert set(SCHEMA["properties"]) == set(front_matter._READERS)
    assert set(SCHEMA["required"]) == set(front_matter._REQUIRED)


def test_every_shipped_document_satisfies_it() -> None:
    for procedure in load().procedures:
        head = yaml.load(procedure.source.split("---\n")[1], Loader=_AsEditorsDo)  # noqa: S506
        jsonschema.validate(head, SCHEMA)


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "x"},
        {"id": "Not Kebab", "title": "x"},
        {"id": "x", "title": "x", "sumary": "misspelt"},
        {"id": "x", "title": "x", "methods": ["podman"]},
        {"id": "x", "title": "x", "duration": "ten minutes"},
        {"id": "x", "title": "x", "inputs": {"Loud": {}}},
        {"id": "x", "title": "x", "inputs": {"a": {"tpye": "integer"}}},
        {"id": "x", "title": "x", "inputs": {"a": {"secret": "yes"}}},
        {"id": "x", "title": "x", "inputs": {"a": {"secret": True, "default": "x"}}},
    ],
)
def test_it_refuses_what_the_parser_refuses(wrong: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, SCHEMA)


def test_it_lets_a_secret_be_asked_for() -> None:
    inputs = {"a": {"secret": True, "help": "x"}, "b": {"secret": False, "default": "y"}}
    jsonschema.validate({"id": "x", "title": "x", "inputs": inputs}, SCHEMA)
