"""Sentences of ours as Markdown shows them, and how buttons side by side are laid out."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.components.shared.messages import plain, worded
from tests.app_server import ROOT
from tests.pages.app import part_of_page

SIDE_BY_SIDE = ("segmented_control", "pills")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("see `runs list`; x_y", r"see `runs list`; x\_y"),
        ("`.venv/bin/python`", "`.venv/bin/python`"),
        ("compute `make test a*b`", "compute `make test a*b`"),
        ("a name `c` and *i*", r"a name \`c\` and \*i\*"),
        ("one `left open", r"one \`left open"),
    ],
)
def test_commands_are_shown_as_such_and_all_else_as_it_is(said, shown):
    assert worded(said) == shown


@given(st.text())
def test_a_text_without_a_command_is_shown_as_it_is(text):
    assert worded(text.replace("`", "")) == plain(text.replace("`", ""))


def test_an_error_shows_its_command():
    def script():
        from pages.components.shared.messages import show_problem

        show_problem("the run is damaged", needed="a name", todo="see `runs list`")

    assert "What to do: see `runs list`." in part_of_page(script).run().error[0].value


def test_buttons_side_by_side_never_run_out_of_a_narrow_screen():
    """In a column or a row Streamlit keeps them on one line, which is cut off there, unless it is told to wrap."""
    found = []
    for path in sorted((ROOT / "pages").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in SIDE_BY_SIDE:
                wraps = {one.arg: ast.unparse(one.value) for one in call.keywords}.get("wrap")
                found.append((path.name, wraps))
    assert len(found) >= 4
    assert [name for name, wraps in found if wraps != "True"] == []
