"""Text from outside is never read as markup: ``[red]`` in a label is no colour but five signs.

What Textual 8 reads as markup unless told otherwise: the content of Static and Label, messages of
``notify``, labels of buttons and the like, options, tabs, table cells, border titles, tooltips, the
help of a hit in the palette, and what ``render`` returns as ``str``. Each place in the sources
must be given text of our own, or say ``markup=False``, or wrap the text in Content.
"""

import ast
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

SOURCES = sorted(chain(Path("widgets").rglob("*.py"), Path("tui").rglob("*.py")))
WITH_SWITCH = {"Static": "content", "Label": "content", "notify": "message"}
"""Calls that take ``markup=False``, and the name of their first argument."""

HOLDERS = {"OptionList", "SelectionList"}
"""Widgets that are filled later, and take ``markup=False`` for all that is put into them."""

WITHOUT_SWITCH = {
    "Button": "label", "Checkbox": "label", "RadioButton": "label", "Tab": "label", "Tree": "label",
    "TabPane": "title", "Collapsible": "title", "Placeholder": "label", "Tooltip": "text",
    "add_column": "label", "add_columns": "label", "add_row": "label", "with_tooltip": "tooltip",
    "from_markup": "markup", "render_str": "text", "highlight": "candidate",
}  # fmt: skip
"""Calls whose text, by its name or the first argument, is read as markup whatever one says."""

HITS = {"Hit": (1,), "DiscoveryHit": (0,)}
"""Entries of the palette, and the position of what they show; their ``help`` is markup too."""

ATTRIBUTES = {"border_title", "border_subtitle", "tooltip", "label"}
SAFE_CALLS = {"Content", "Text", "escape", "assemble", "styled"}


def is_ours(node: ast.expr | None, constants: set[str]) -> bool:
    """Tell whether ``node`` is text that stands in the source, or is made safe on the spot."""
    match node:
        case None | ast.Constant():
            return True
        case ast.Name(id=name):
            return name in constants
        case ast.FormattedValue(format_spec=ast.JoinedStr(values=[ast.Constant(value=str(spec))])):
            return spec[-1] in "dfg%"  # only a number can be written so
        case ast.JoinedStr(values=values):
            return all(is_ours(value, constants) for value in values)
        case ast.IfExp(body=body, orelse=orelse):
            return is_ours(body, constants) and is_ours(orelse, constants)
        case ast.BoolOp(values=values):
            return all(is_ours(value, constants) for value in values)
        case ast.Call(func=ast.Attribute(attr="replace"), args=[ast.Constant(value="["), _]):
            return True
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in SAFE_CALLS
    return False


def name_of(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def constants_of(tree: ast.Module) -> set[str]:
    """Return the names that the module gives to literal text."""
    return {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def says_no_markup(call: ast.Call) -> bool:
    return any(
        keyword.arg == "markup"
        and isinstance(keyword.value, ast.Constant)
        and keyword.value.value is False
        for keyword in call.keywords
    )


def dangers(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and name of each place where foreign text would be read as markup."""
    tree = ast.parse(source)
    constants = constants_of(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Call() if danger := danger_of_call(node, constants):
                yield node.lineno, danger
            case ast.Assign(targets=[ast.Attribute(attr=name)], value=value):
                if name in ATTRIBUTES and not is_ours(value, constants):
                    yield node.lineno, f"{name} ="
            case ast.FunctionDef(name="render", returns=ast.Name(id="str"), args=arguments):
                if arguments.args and arguments.args[0].arg == "self":
                    yield node.lineno, "render() -> str"
            case ast.ClassDef(bases=[*_, ast.Name(id="Static" | "Label" as base)]):
                yield from dangers_of_class(node, base)


def dangers_of_class(node: ast.ClassDef, base: str) -> Iterator[tuple[int, str]]:
    for call in ast.walk(node):
        is_init = isinstance(call, ast.Call) and name_of(call) == "__init__"
        if isinstance(call, ast.Call) and is_init and not says_no_markup(call):
            yield call.lineno, f"super().__init__ of a {base}"


def danger_of_call(call: ast.Call, constants: set[str]) -> str:
    name = name_of(call)
    keywords = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    first = call.args[0] if call.args else None
    if name in WITH_SWITCH and not says_no_markup(call):
        text = first or keywords.get(WITH_SWITCH[name])
        # Without text now it gets some later, by update().
        is_empty = text is None or (isinstance(text, ast.Constant) and not text.value)
        if not is_ours(text, constants) or (is_empty and name != "notify"):
            return name
    if name in HOLDERS and not says_no_markup(call):
        return name
    if name in WITHOUT_SWITCH:
        checked = call.args if name.startswith("add_") else [first]
        if not all(
            is_ours(each, constants) for each in [*checked, keywords.get(WITHOUT_SWITCH[name])]
        ):
            return name
    if name in HITS:
        shown = [call.args[i] for i in HITS[name] if i < len(call.args)]
        shown += [keywords[key] for key in ("match_display", "display") if key in keywords]
        if not all(is_ours(each, constants) for each in shown):
            return name
        if not is_ours(keywords.get("help"), constants):
            return f"{name}(help=)"
    return ""


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_no_text_from_outside_is_read_as_markup(path: Path) -> None:
    assert list(dangers(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("Static(text)", "Static"),
        ("Static(f'{x} left', classes='a')", "Static"),
        ("Static(id='later')", "Static"),
        ("Label('')", "Label"),
        ("Label(content=text)", "Label"),
        ("self.notify(error.what, severity='error')", "notify"),
        ("self.app.notify(f'no {x}')", "notify"),
        ("Button(name)", "Button"),
        ("Button(label=name, id='x')", "Button"),
        ("box.border_title = title", "border_title ="),
        ("self.border_subtitle = f'{n} of {m}'", "border_subtitle ="),
        ("self.tooltip = text", "tooltip ="),
        ("button.label = text", "label ="),
        ("OptionList(*options)", "OptionList"),
        ("table.add_row(a, 'b')", "add_row"),
        ("Text.from_markup(f'[b]{x}')", "from_markup"),
        ("Hit(score, title, call)", "Hit"),
        ("Hit(score, Content(title), call, help=about)", "Hit(help=)"),
        ("shown = matcher.highlight(title)", "highlight"),
        ("class A(Static):\n def __init__(self, t):\n  super().__init__(t)",
         "super().__init__ of a Static"),
        ("class A(Widget):\n def render(self) -> str:\n  return 'x'", "render() -> str"),
    ],
)  # fmt: skip
def test_a_place_where_text_would_be_read_as_markup_is_found(source: str, found: str) -> None:
    assert [what for _, what in dangers(source)] == [found]


@pytest.mark.parametrize(
    "source",
    [
        "Static(text, markup=False)",
        "Static(id='later', markup=False)",
        "Static('Ours [b]bold[/]')",
        "Label(Content(text))",
        "HINT = 'x'\nself.border_subtitle = HINT",
        "self.notify(error.what, markup=False)",
        "Button('Yes' if x else 'No')",
        "box.border_title = f'{title} · Esc'.replace('[', '(')",
        "box.border_title = Content(title)",
        "box.border_title = f'{n:d} of {m:.1f} %'",
        "Hit(score, Content(title), call, help=escape(about))",
        "OptionList(*options, markup=False)",
        "class A(Static):\n def __init__(self, t):\n  super().__init__(t, markup=False)",
    ],
)
def test_a_place_that_is_safe_is_let_pass(source: str) -> None:
    assert list(dangers(source)) == []
