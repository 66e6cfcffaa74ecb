"""What a page shows is waited for: `eventually` itself, and that every journey goes through it."""

from __future__ import annotations

import ast
import itertools
from pathlib import Path

import pytest

from tests.browser.eventually import eventually

HERE = Path(__file__).parent
OF_ONE_MOMENT = {"is_visible", "is_hidden", "is_enabled", "is_disabled", "is_checked", "inner_text", "all_inner_texts"}
OF_ONE_MOMENT |= {"text_content", "input_value", "get_attribute", "evaluate", "in_url", "table_rows", "registered"}


def hasty_asserts(source: str) -> list[int]:
    """Lines of asserts in the body of a test itself that read the page once."""
    found = []
    for test in (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)):
        waiting = {inner for node in test.body if isinstance(node, ast.FunctionDef) for inner in ast.walk(node)}
        for node in set(ast.walk(test)) - waiting:
            if isinstance(node, ast.Assert):
                called = {getattr(call.func, "attr", getattr(call.func, "id", "")) for call in calls(node)}
                found += [node.lineno] * bool(called & OF_ONE_MOMENT)
    return found


def calls(node: ast.AST) -> list[ast.Call]:
    return [inner for inner in ast.walk(node) if isinstance(inner, ast.Call)]


def test_no_journey_asserts_of_one_moment():
    hasty = {path.name: lines for path in HERE.glob("*.py") if (lines := hasty_asserts(path.read_text("utf-8")))}
    assert hasty == {}


@pytest.mark.parametrize(
    ("body", "hasty"),
    [
        ("assert page.get_by_text('a').first.is_visible()", True),
        ("assert in_url(page, 'run') == run", True),
        ("def shown():\n        assert page.is_visible()\n    eventually(shown)", False),
        ("page.get_by_text('a').wait_for()\n    assert run == 'a'", False),
    ],
)
def test_the_haste_is_recognised(body, hasty):
    assert bool(hasty_asserts(f"def test_it(page):\n    {body}\n")) == hasty


def test_what_comes_late_is_waited_for():
    turns = itertools.count()

    def third_time() -> None:
        assert next(turns) == 2

    eventually(third_time)


def test_what_never_comes_fails_with_its_own_words():
    def never() -> None:
        assert [1, 2] == [1, 2, 3], "3 rows wanted"

    with pytest.raises(AssertionError, match="3 rows wanted"):
        eventually(never, seconds=0)


def test_the_address_is_asked_of_the_page():
    """`page.url` is what Playwright heard last: while a test waits without asking anything, it stays as it was."""
    read = [
        f"{path.name}:{node.lineno}"
        for path in HERE.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "url" and ast.unparse(node.value) in {"page", "tab"}
    ]
    assert read == []
