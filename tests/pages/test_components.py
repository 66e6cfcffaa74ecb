"""The parts that several pages share."""

from __future__ import annotations

import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from grn_core.planning import plan
from grn_core.runs import InferRequest, RunStatus, RunStore
from pages.components.data.choices import names_in
from pages.components.runs.command import command_line
from pages.components.runs.picker import infer_runs, run_details
from pages.components.runs.progress import describe
from pages.components.shared.messages import plain
from tests.pages.app import part_of_page
from tests.pages.fabricated_run import fabricate_run


def picker(**parameters: str) -> AppTest:
    def page() -> None:
        import streamlit as st

        from pages.components.runs import picker as run_picker

        run_picker.st.page_link = lambda *_, **__: None  # there is no navigation in this script
        run = run_picker.pick_run(st.container())
        st.text("none" if run is None else run.id)

    app = part_of_page(page)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


@pytest.fixture(autouse=True)
def _page_link_back(monkeypatch):
    import streamlit as st

    monkeypatch.setattr(st, "page_link", st.page_link)


def test_picker_shows_the_newest_finished_run_and_names_it_in_the_url():
    fabricate_run(seed=1)
    newest = fabricate_run(seed=2)
    app = picker()
    assert app.text[0].value == newest
    assert app.query_params["run"] == newest


def test_picker_honours_the_url_and_a_choice():
    older, newest = fabricate_run(seed=1), fabricate_run(seed=2)
    app = picker(run=older)
    assert app.text[0].value == older
    app.selectbox[0].set_value(newest).run()
    assert app.text[0].value == newest
    assert app.query_params["run"] == newest


def test_picker_says_what_is_the_matter_with_a_run():
    assert "no finished run yet" in picker().info[0].value
    done, failed = fabricate_run(seed=1), fabricate_run(seed=2)
    RunStore().write_status(failed, RunStatus("failed"))
    app = picker(run=failed)
    assert "has failed: there is nothing to show of it." in app.info[0].value
    assert app.text[0].value == "none"
    app.selectbox[0].set_value(done).run()
    assert app.text[0].value == done
    assert "This link names a run that is not on this machine" in picker(run="0" * 16 + "x").warning[0].value
    assert "evil" not in picker(run="[in](https://evil.example)").warning[0].value  # even escaped, it became a link


HOSTILE = (
    *(
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[in](https://evil.example)",
        "![x](http://evil.example)",
    ),
    *("https://evil.example", "http://evil.example", "www.evil.example", "me@evil.example", "&lt;b&gt;", "`x`", "$x$"),
    *(":red[x]", ":material/home:", "| a | b |", "# x", "~~x~~", "\u202egnp.exe", "\u2066x\u2069", "a\x00b\x1b[31m"),
    *("a\n\n# b", "x" * 10_000),
)
LINKS = re.compile(r"https?://[-.\w]+|www\.[-.\w]+|[-.\w+]+@[-\w]+\.[-\w]+", re.IGNORECASE)
"""What Streamlit's Markdown makes a link of, also where signs of it are escaped."""


@given(st.sampled_from(HOSTILE) | st.text(max_size=60), st.sampled_from(HOSTILE) | st.text(max_size=20))
def test_names_are_shown_as_they_are(first, second):
    name = first + second
    shown = plain(name)
    unescaped = re.sub(r"\\(.)", r"\1", shown)
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_\[\]`$<>#:~|&]", shown), "every sign of Markdown is escaped"
    assert not LINKS.search(unescaped)
    assert len(unescaped) < 2600
    assert all(sign.isprintable() or sign == "\u2060" for sign in unescaped)
    expected = "".join(sign if sign.isprintable() else " " for sign in name)[:2000]
    assert unescaped.replace("\u2060", "").removesuffix("…") == expected.removesuffix("…")


def test_view_of_a_run():
    def page() -> None:
        import streamlit as st

        from pages.components.runs.view import view

        run = view("0000000000000000")
        vvp = run.features("vvp")
        shapes = (vvp.shape, type(vvp).__name__, run.features("emb"), len(run.grid), len(run.edges))
        st.text(repr((shapes, run.sources[:2], run.panel_genes[-1], run.title, run.request.dataset_ref)))

    fabricate_run()
    app = part_of_page(page).run()
    assert app.text[0].value == repr(
        (
            ((6, 30, 8), "memmap", None, 8, 174),
            ("G00", "G01"),
            "G29",
            "Generic cell · VVP + GDT · signed · Fabricated cells",
            "fabricated",
        )
    )


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (RunStatus("queued", stage="starting"), "Starting a process of its own"),
        (RunStatus("queued", stage="waiting", position=2), "Waiting for another run to finish · 1 other before you"),
        (RunStatus("running", stage="extract", done=7, total=56), "Asking the model, TF by TF · 7 of 56"),
        (RunStatus("running", stage="score", done=0, total=1, eta_s=3.2), "about 3 seconds left"),
        (RunStatus("running", stage="something new"), "Something new"),
    ],
)
def test_progress_in_words(status, words):
    assert words in describe(status)


def test_no_time_is_left_at_the_end():
    assert "left" not in describe(RunStatus("running", stage="score", done=1, total=1, fraction=1.0, eta_s=0.0))


def test_names_in_a_text():
    assert names_in(" SPI1, GATA1;CEBPA\nSPI1 ") == ("SPI1", "GATA1", "CEBPA")


def test_markdown_of_users_names_is_kept_as_it_is():
    assert plain("a_b*[c](x) $y$") == r"a\_b\*\[c\](x) \$y\$"


def test_command_writes_out_what_differs_from_the_defaults():
    usual = InferRequest(dataset_ref="pbmc68k", extractors=plan("compact").extractors)
    assert command_line(usual) == "python -m grn_core infer pbmc68k -o edges.tsv"
    request = InferRequest(
        dataset_ref="GSD", tfs=("SOX9",), cells=("type", ("B cell", "T")), extractors=("gdt",), seeds=(0,)
    )
    words = shlex.split(command_line(request))
    assert {"--cells=type=B cell,T", "--tf-list=SOX9", "--extractors=gdt", "--seeds=0"} <= set(words)


def test_a_run_of_an_adapted_model_is_told_from_the_others():
    fabricate_run(seed=1)
    fabricate_run(seed=2, adapt=300)
    adapted, plain_run = (run_details(info) for info in infer_runs())
    assert "adapted, 300 steps" in adapted
    assert "adapted" not in plain_run


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        ("https://example.org/a.zip cannot be downloaded", "https\\://example.org/a.zip cannot be downloaded."),
        ("edges.csv has no column source", "edges.csv has no column source."),
        ("there is no gene", "There is no gene."),
    ],
)
def test_an_error_begins_with_a_capital_unless_it_begins_with_an_address_or_a_file(found, shown):
    def page(found: str) -> None:
        from pages.components.shared.messages import show_problem

        show_problem(found)

    app = part_of_page(page, found).run()
    assert app.error[0].value == f"**{shown}**"
