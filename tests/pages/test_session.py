"""Choices live in the URL and in the session at once."""

from __future__ import annotations

import pytest

from pages.components.shared.session import LISTS, OF_THE_CELLS
from tests.pages.app import part_of_page


def _page() -> None:
    import streamlit as st

    from pages.components.shared.session import linked, query

    st.slider("Genes", 100, 2000, **linked("n_variable", 500))
    st.multiselect("Methods", ["vvp", "gdt"], **linked("methods", ("vvp", "gdt"), ("vvp", "gdt")))
    st.text(repr((query("n_variable", 500), query("methods", ("vvp", "gdt"), ("vvp", "gdt")))))


def test_defaults_stay_out_of_the_url():
    at = part_of_page(_page).run()
    assert at.text[0].value == "(500, ('vvp', 'gdt'))"
    assert at.query_params == {}


def test_url_sets_the_widgets():
    at = part_of_page(_page)
    at.query_params["n_variable"] = "800"
    at.query_params["methods"] = "gdt"
    at.run()
    assert at.slider[0].value == 800
    assert at.multiselect[0].value == ["gdt"]


def test_change_goes_into_the_url_and_default_leaves_it():
    at = part_of_page(_page).run()
    at.slider[0].set_value(900).run()
    assert at.query_params == {"n_variable": "900"}
    assert at.text[0].value.startswith("(900")
    at.slider[0].set_value(500).run()
    assert at.query_params == {}


def test_nonsense_in_the_url_counts_as_absent():
    at = part_of_page(_page)
    at.query_params["n_variable"] = "many"
    at.query_params["methods"] = "gdt,prayer"
    at.run()
    assert not at.exception
    assert at.text[0].value == "(500, ('vvp', 'gdt'))"


def test_session_puts_back_what_navigation_dropped():
    at = part_of_page(_page)
    at.query_params["n_variable"] = "800"
    at.run()
    at.query_params.clear()
    at.run()
    assert at.query_params == {"n_variable": "800"}
    assert at.slider[0].value == 800


def test_parts_with_commas_survive():
    def page() -> None:
        import streamlit as st

        from pages.components.shared.session import query, remember

        remember("cells_in", ("CD4+ T, memory", "100%"))
        st.text(repr(query("cells_in", ())))

    at = part_of_page(page).run()
    assert at.text[0].value == "('CD4+ T, memory', '100%')"


def test_new_dataset_forgets_the_choice_of_cells():
    def page() -> None:
        from pages.components.shared.session import current_dataset, current_run, remember, set_dataset, set_run

        set_dataset("pbmc68k")
        remember("cells_by", "louvain")
        set_dataset("GSD")
        set_run("0123")
        assert current_dataset() == "GSD"
        assert current_run() == "0123"

    at = part_of_page(page).run()
    assert not at.exception
    assert at.query_params == {"dataset": "GSD", "run": "0123"}


@pytest.mark.parametrize("how", ["chosen", "by a link", "by a link with values"])
@pytest.mark.parametrize(("column", "values"), LISTS.items())
def test_another_column_forgets_the_values_of_the_one_before(column, values, how):
    def page(column: str, values: str) -> None:
        import streamlit as st

        from pages.components.shared.session import linked, query

        st.selectbox("By", ["", "louvain", "phase"], **linked(column, "", ["", "louvain", "phase"]))
        st.text(repr(query(values, ())))

    at = part_of_page(page, column, values)
    at.query_params[column], at.query_params[values] = "louvain", "3,4"
    at.run()
    assert at.text[0].value == "('3', '4')"
    if how == "chosen":
        at.selectbox(key=column).set_value("phase").run()
    else:
        at.query_params.clear()
        at.query_params[column] = "phase"
        if how.endswith("values"):
            at.query_params[values] = "S"
        at.run()
    assert at.text[0].value == ("('S',)" if how.endswith("values") else "()")
    assert at.query_params.get(column) == "phase"


def test_a_link_to_another_dataset_forgets_the_choice_of_cells():
    def page() -> None:
        import streamlit as st

        from pages.components.shared.session import OF_THE_CELLS, current_dataset, query

        current_dataset()
        st.text(repr({query(name, "") for name in OF_THE_CELLS}))

    at = part_of_page(page)
    at.query_params["dataset"] = "pbmc68k"
    for name in OF_THE_CELLS:
        at.query_params[name] = "here"
    at.run()
    assert at.text[0].value == "{'here'}"
    at.query_params.clear()
    at.query_params["dataset"] = "GSD"
    at.run()
    assert at.text[0].value == "{''}"


@pytest.mark.parametrize(
    ("written", "found", "unknown"),
    [
        ("T, naive", ("T, naive",), ()),
        ("T%2C naive,B", ("T, naive", "B"), ()),
        ("B,T, naive,T", ("B", "T, naive", "T"), ()),
        ("A,B", ("A", "B"), ()),
        ("T, old", (), (" old",)),
        ("nobody,T, naive", (), ("nobody",)),
        ("", (), ()),
    ],
)
def test_a_list_of_the_address_names_choices_with_commas_as_they_are(written, found, unknown):
    def page(written: str) -> None:
        import streamlit as st

        from pages.components.shared.session import query, unknown_in

        there = ["T", "T, naive", "A", "B", "A,B"]
        st.query_params["cells_in"] = written
        st.text(repr(query("cells_in", (), there)))
        st.text(repr(unknown_in("cells_in", there)))

    at = part_of_page(page, written).run()
    assert [one.value for one in at.text] == [repr(found), repr(unknown)]
