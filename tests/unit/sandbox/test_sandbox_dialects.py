"""The small languages that the sandbox's tools understand: SQL, templates, JSONPath, YAML."""

import pytest

from procedures.sandbox.postgres.dialect import is_truth, statements, translated, with_variables
from procedures.sandbox.postgres.functions import seconds, size_pretty
from procedures.sandbox.shims import jsonpath
from procedures.sandbox.shims.templates import filled
from procedures.sandbox.shims.usage import UnknownUsageError
from procedures.sandbox.shims.yaml_text import claims_by_path, dumped, manifests

PODS = {
    "items": [
        {"name": "a", "ready": [{"type": "Ready", "status": "True"}], "n": 1},
        {"name": "b", "ready": [{"type": "Ready", "status": "False"}], "tls.crt": "x"},
    ]
}


def test_quoted_text_is_never_translated() -> None:
    text = "SELECT 'a::int now() - interval' || count(*)::text FROM configs"
    assert translated(text) == "SELECT 'a::int now() - interval' || count(*) FROM configs"


def test_a_semicolon_in_a_text_ends_no_statement() -> None:
    assert statements("SELECT ';'; -- one;\nSELECT 2;") == ["SELECT ';'", "SELECT 2"]


@pytest.mark.parametrize(
    ("statement", "truth"),
    [
        ("SELECT 1 = 1", True),
        ("SELECT count(*) > 0 FROM configs", True),
        ("SELECT EXISTS (SELECT 1)", True),
        ("SELECT count(*) FROM configs WHERE a = 1", False),
        ("SELECT a = 1, b FROM configs", False),
        ("SELECT '=' || a FROM configs", False),
    ],
)
def test_a_comparison_is_told_from_a_number(statement: str, *, truth: bool) -> None:
    assert is_truth(statement) is truth


def test_variables_are_filled_but_casts_are_left_alone() -> None:
    filled_in = with_variables("SELECT :'name'::text, :count", {"name": "O'B", "count": "3"})
    assert filled_in == "SELECT 'O''B'::text, 3"


@pytest.mark.parametrize(
    ("text", "span_s"), [("5 minutes", 300), ("1 day 02:00:00", 93_600), ("00:00:01.5", 1.5)]
)
def test_an_interval_has_seconds(text: str, span_s: float) -> None:
    assert seconds(text) == span_s


@pytest.mark.parametrize(
    ("size", "text"), [(10_239, "10239 bytes"), (10_240, "10 kB"), (7_500_000, "7324 kB")]
)
def test_a_size_is_pretty_as_the_server_makes_it(size: int, text: str) -> None:
    assert size_pretty(size) == text


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{.items[*].name}", "a b"),
        ("{.items[-1:].name}", "b"),
        (
            '{range .items[*]}{.name}={.ready[?(@.type=="Ready")].status}{"\\n"}{end}',
            "a=True\nb=False\n",
        ),
        ("{.items[1].tls\\.crt}", "x"),
        ("{.items[0].n}{.nothing}", "1"),
        ('{.items[?(@.name=="b")].name}', "b"),
    ],
)
def test_a_jsonpath_finds_what_kubectl_finds(template: str, text: str) -> None:
    assert jsonpath.render(template, PODS) == text


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{.Name}}\\t{{ .State.Running }}", "web\ttrue"),
        ("{{if .Health}}{{.Health}}{{else}}none{{end}}", "none"),
        ("{{range .Ports}}<{{.}}>{{end}}", "<1><2>"),
        ("{{json .Ports}}", "[1,2]"),
        ('{{index .Labels "a.b"}}', "c"),
    ],
)
def test_a_go_template_is_filled(template: str, text: str) -> None:
    value = {"Name": "web", "State": {"Running": True}, "Ports": [1, 2], "Labels": {"a.b": "c"}}
    assert filled(template, value) == text


def test_a_field_that_does_not_exist_is_named() -> None:
    with pytest.raises(UnknownUsageError, match="Nothing"):
        filled("{{.Nothing}}", {})


def test_manifests_are_recognised_in_either_spelling() -> None:
    text = (
        "kind: Pod\nmetadata: {name: a, namespace: x}\n---\nkind: Service\nmetadata:\n  name: b\n"
    )
    assert [(each.kind, each.name) for each in manifests(text)] == [("Pod", "a"), ("Service", "b")]
    dump = dumped({"kind": "Secret", "metadata": {"name": "c"}, "list": [{"x": "1"}, "y: z"]})
    assert [(each.kind, each.name) for each in manifests(dump)] == [("Secret", "c")]


def test_a_pod_mounts_the_claims_that_its_manifest_names() -> None:
    text = """
    containers:
    - {name: copy, volumeMounts: [{name: v, mountPath: /volume, readOnly: true}]}
    volumes: [{name: v, persistentVolumeClaim: {claimName: llm-config-data}}]
    """
    assert claims_by_path(text) == {"/volume": "llm-config-data"}
