"""Names are data: no f-string with a variable is read as Markdown unless `plain` has escaped the variable."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.test_house import app_modules, name_of, own_nodes, tree

READ_AS_MARKDOWN = {
    *("markdown", "caption", "write", "title", "header", "subheader", "info", "warning", "error", "success", "toast"),
    *("badge", "metric", "expander", "popover", "tabs", "button", "page_link", "link_button", "download_button"),
    *("selectbox", "multiselect", "radio", "segmented_control", "pills", "slider", "select_slider", "checkbox"),
    *("toggle", "text_input", "text_area", "number_input", "file_uploader", "spinner", "status", "progress", "table"),
    *("form_submit_button", "one_of", "download", "how_to_read"),
}
MENUS = {"selectbox", "multiselect"}
"""They show what their `format_func` returns as it is."""
TEXTS = {"metric": 3, "how_to_read": 9}
"""How many positional arguments of a call are such texts, where it is not the first alone."""
PARTS = ("help", "label", "body", "text", "caption", "captions", "delta", "format_func")
ESCAPED_OR_NUMBER = {
    "plain",
    "worded",
    "len",
    "int",
    "round",
    "min",
    "max",
    "sum",
    "in_words.duration",
    "in_words.share",
    "in_words.size",
}
TEXT_METHODS = {"join", "capitalize", "lower", "upper", "format", "lstrip", "get"}
OUR_WORDS = {
    ("pages.components.activity.form", "n"),
    ("pages.components.activity.form", "one.limits"),
    ("pages.components.activity.form", "one.reference"),
    ("pages.components.activity.result", "method.unit"),
    ("pages.components.compare.views", "' and '.join(flat)"),
    ("pages.components.groups.result", "limit_shown(limit)"),
    ("pages.components.benchmark.details", "what"),
    ("pages.components.benchmark.run", "title"),
    ("pages.components.benchmark.run", "where"),
    ("pages.components.benchmark.scores", "lead.sentence(metric=metric, ours=ours)"),
    ("pages.components.compare.picked", "name[0]"),
    ("pages.components.compare.views", "a[0]"),
    ("pages.components.compare.views", "b[0]"),
    ("pages.components.compare.views", "left"),
    ("pages.components.compare.views", "run_id[:6]"),
    ("pages.components.data.cell_groups", "name.upper()"),
    ("pages.components.data.dataset_picker", "name"),
    ("pages.components.data.dataset_picker", "record.filename"),
    ("pages.components.data.download_box", "name"),
    ("pages.components.data.download_box", "one.doi"),
    ("pages.components.data.download_box", "one.page"),
    ("pages.components.data.download_box", "record.species"),
    ("pages.components.data.download_box", "value"),
    ("pages.components.data.matching_report", "kind.title"),
    ("pages.components.data.matching_report", "kind.used"),
    ("pages.components.data.panel_form", "one.description"),
    ("pages.components.data.panel_form", "one.title"),
    ("pages.components.data.question", "one.asks"),
    ("pages.components.data.upload", "asked"),
    ("pages.components.data.upload", "formats.in_words().capitalize()"),
    ("pages.components.infer.coexpression_form", "_sign(method)"),
    ("pages.components.infer.coexpression_form", "method.limits"),
    ("pages.components.infer.coexpression_form", "method.reference"),
    ("pages.components.infer.coexpression_form", "method.unit"),
    ("pages.components.models.published", "_badge(known, status, is_here=is_here)"),
    ("pages.components.models.published", "one.file"),
    ("pages.components.models.published", "one.found"),
    ("pages.components.models.published", "one.stated"),
    ("pages.components.models.published", "where"),
    ("pages.components.network.cell_evidence", "_which_cells(run, reading)"),
    ("pages.components.network.panel", "heading"),
    ("pages.components.runs.picker", "STOPPED.get(state, STATES.get(state, state))"),
    ("pages.components.shared.messages", "_sentence(found)"),
    ("pages.evaluate.compare", "name[0]"),
    ("pages.evaluate.compare", "name[1:]"),
    ("pages.explore.infer", "_cells_in_words(dataset, n_cells)"),
    ("pages.explore.network", "strength"),
    ("pages.start.home", "icon"),
    ("pages.start.home", "name"),
    ("pages.start.home", "step + 1"),
}
"""Module and expression: words or numbers of ours, in which no name of a user can be."""
Assigned = dict[str, list[ast.expr]]


def assigned(function: ast.AST) -> Assigned:
    """Return what each local name of a function is made of."""
    found: Assigned = {}
    for node in own_nodes(function):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                pairs = [(target, node.value)]
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = list(zip(target.elts, node.value.elts, strict=False))
                for one, value in pairs:
                    if isinstance(one, ast.Name):
                        found.setdefault(one.id, []).append(value)
    return found


def parts_of(call: ast.Call) -> Iterator[ast.expr]:
    """Yield what a call hands to Streamlit's Markdown."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name in READ_AS_MARKDOWN:
        yield from call.args[: TEXTS.get(name, 1)]
        for keyword in call.keywords:
            if keyword.arg in PARTS and not (keyword.arg == "format_func" and name in MENUS):
                yield keyword.value


def texts_in(node: ast.AST, known: Assigned, before: frozenset[str] = frozenset()) -> Iterator[ast.JoinedStr]:
    """Yield the f-strings that an expression is, or is made of by way of local names."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ESCAPED_OR_NUMBER:
        return
    if isinstance(node, ast.JoinedStr):
        yield node
    elif isinstance(node, ast.Name):
        for value in known.get(node.id, []) if node.id not in before else []:
            yield from texts_in(value, known, before | {node.id})
    else:
        for inner in ast.iter_child_nodes(node):
            yield from texts_in(inner, known, before)


def is_ours(node: ast.AST, known: Assigned, before: frozenset[str] = frozenset()) -> bool:
    """Whether what stands in a text is a number, a constant, escaped, or made of such."""

    def every(*parts: ast.AST) -> bool:
        return all(is_ours(one, known, before) for one in parts)

    match node:
        case ast.Constant() | ast.Compare():
            return True
        case ast.Call(func=func, args=args):
            if ast.unparse(func) in ESCAPED_OR_NUMBER:
                return True
            if not isinstance(func, ast.Attribute) or func.attr not in TEXT_METHODS:
                return False
            return every(func.value, *(args[1:] if func.attr == "get" else args))
        case ast.FormattedValue(value=value, format_spec=spec):
            return (spec is not None and any(sign in ast.unparse(spec) for sign in ",%gfd")) or every(value)
        case ast.JoinedStr(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Dict(values=parts):
            return every(*parts)
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, right=other):
            return every(one, other)
        case (
            ast.GeneratorExp(elt=value)
            | ast.ListComp(elt=value)
            | ast.Starred(value=value)
            | ast.Subscript(value=value)
        ):
            return every(value)
        case ast.Attribute(attr=name):
            return name.isupper()
        case ast.Name(id=name):
            if name.isupper() or name.startswith("n_") or name in before:
                return True
            return name in known and all(is_ours(value, known, before | {name}) for value in known[name])
    return False


def strangers(module: ast.AST) -> set[tuple[int, str]]:
    """Return (line, expression) of every value in a text that is read as Markdown and is not `is_ours`."""
    found = set()
    for function in ast.walk(module):
        if isinstance(function, ast.FunctionDef | ast.Module):
            known = assigned(function)
            calls = (node for node in own_nodes(function) if isinstance(node, ast.Call))
            texts = (text for call in calls for part in parts_of(call) for text in texts_in(part, known))
            values = (part for text in texts for part in text.values if isinstance(part, ast.FormattedValue))
            found |= {(one.lineno, ast.unparse(one.value)) for one in values if not is_ours(one, known)}
    return found


def test_no_name_is_read_as_markdown():
    found = [(name_of(path), line, value) for path in app_modules() for line, value in strangers(tree(path))]
    wrong = [f"{module}:{line}: {value}" for module, line, value in found if (module, value) not in OUR_WORDS]
    assert not wrong, "put plain() around these, or list what is no name of a user:\n" + "\n".join(sorted(wrong))
    assert {(module, value) for module, _, value in found} == OUR_WORDS, "drop what is no longer there"


@pytest.mark.parametrize(
    ("body", "is_wrong"),
    [
        ("st.caption(f'{name} cells')", True),
        ("st.caption(f'{plain(name)} cells')", False),
        ("words = f'{name}'\n    st.success(words)", True),
        ("words = f'{plain(name)}'\n    st.success(words)", False),
        ("box.metric('TFs', f'{n:,}', help=f'of {name}')", True),
        ("box.metric('TFs', f'{n:,}', help=f'of {len(name):,}')", False),
        ("st.radio('A', names, format_func=lambda one: f'{one}')", True),
        ("st.selectbox('A', names, format_func=lambda one: f'{one}')", False),
        ("st.markdown('\\n'.join(f'- {one.title}' for one in names))", True),
        ("st.markdown('\\n'.join(f'- {plain(one.title)}' for one in names))", False),
        ("st.table({'A': [f'{one}' for one in names]})", True),
        ("st.text(f'{name}')", False),
    ],
)
def test_a_name_in_markdown_is_found(body, is_wrong):
    assert bool(strangers(ast.parse(f"def f(name, names):\n    {body}\n"))) is is_wrong
