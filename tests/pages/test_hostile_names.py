"""Every page with names that are HTML, Markdown, LaTeX and directives: each is shown as it is, wherever it stands."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from google.protobuf.message import Message

from grn_core import datasets
from grn_core.datasets.annotations import mark
from grn_core.in_words import short
from pages.components.shared.messages import plain, seen, told_apart
from tests.datasets.helpers import HUMAN, saved
from tests.pages.app import open_page
from tests.pages.fabricated_run import fabricate_run

pytestmark = pytest.mark.usefixtures("paper_models", "no_worker")
EVIL = "EVIL<b>x :red[y] $z$ [l](e) *i* `c` :smile: | \u202e\u200b# &amp; =1+1"
AS_IT_IS = {
    "id",
    "key",
    "default",
    "value",
    "raw_value",
    "raw_values",
    "options",
    "url",
    "query_string",
    "file_name",
    "placeholder",
}
"""Fields of Streamlit's elements that it does not read as Markdown."""

NO_MARKUP = ("arrow_data_frame", "dataframe", "json", "bidi_component", "unknown")
"""Elements that show texts as they are; the drawing of a network writes them with ``textContent`` alone."""


@pytest.fixture(autouse=True)
def captions_of_two_lines():
    """Names are of any length here, and captions with them."""


@pytest.fixture(autouse=True)
def no_raw_markup():
    """Names hold the signs of Markdown here, and they are shown."""


def texts_of(message: Message, *, skip: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield (field, text) of every text in an element, however deep."""
    for field, value in message.ListFields():
        for one in value if field.is_repeated else [value]:
            if isinstance(one, Message):
                yield from ((f"{field.name}.{name}", text) for name, text in texts_of(one, skip=skip))
            elif isinstance(one, str) and field.name not in skip:
                yield field.name, one


def elements(block: Any) -> Iterator[Any]:
    """Yield what stands in a block of a page, however deep."""
    for one in block.children.values():
        yield one
        if hasattr(one, "children"):
            yield from elements(one)


def drawn(spec: Any) -> Iterator[str]:
    """Yield the texts that a figure draws, in which plotly reads HTML; data of points only where they are shown."""
    if isinstance(spec, str):
        yield spec
    elif isinstance(spec, dict):
        shows = "%{customdata" in str(spec.get("hovertemplate", ""))
        for name, value in spec.items():
            if name != "customdata" or shows:
                yield from drawn(value)
    elif isinstance(spec, list):
        for value in spec:
            yield from drawn(value)


def without_names(text: str) -> str:
    """Return a text without the names in it that are shown as they are, whole or shortened."""
    for name in (EVIL, *(short(f"{EVIL} {end}") for end in ("A", "B", "depth"))):
        text = text.replace(plain(name), "")
    return text


def check_page(app: Any) -> int:
    """Fail where a name is markup; return how many names were met."""
    met, wrong = 0, []
    for one in elements(app._tree):
        kind = getattr(one, "type", "")
        proto = getattr(one, "proto", None)
        if kind in ("arrow_table", "table"):
            table = one.value
            texts = [*map(str, table.index), *map(str, table.columns), *map(str, table.to_numpy().ravel())]
            met += sum("EVIL" in text for text in texts)
            assert not [text for text in texts if "EVIL" in without_names(text)], kind
            continue
        if kind in NO_MARKUP or proto is None:
            continue
        plain_parts = AS_IT_IS if kind not in ("radio", "button_group", "select_slider") else AS_IT_IS - {"options"}
        if kind in ("text", "code", "text_input", "text_area"):
            plain_parts = {*plain_parts, "body", "code_text"}
        if kind == "plotly_chart":
            wrong += [(kind, "spec", text) for text in drawn(json.loads(proto.spec)) if "EVIL<b" in text]
            continue
        for name, text in texts_of(proto, skip=frozenset(plain_parts)):
            met += "EVIL" in text
            if "EVIL" in text.replace(plain(EVIL), ""):
                wrong.append((kind, name, text))
        for option in getattr(proto, "options", ()):
            if isinstance(option, str) and "EVIL" in option:
                met += 1
                assert kind in ("selectbox", "multiselect"), kind
                assert option.isprintable(), (kind, option)
    assert not wrong
    return met


@pytest.fixture
def evil_dataset(tmp_path):
    """Cells whose every name is hostile, doubtful in their values, with a map, groups and a number."""
    import anndata

    n_cells = 60
    values = np.random.default_rng(3).gamma(0.5, 0.8, (n_cells, len(HUMAN) + 1)).clip(0.01, 6)
    columns = {EVIL: [f"{EVIL} {'AB'[n % 2]}" for n in range(n_cells)], f"{EVIL} depth": np.arange(n_cells) * 1.5}
    cells = pd.DataFrame(columns, index=[f"{EVIL} {n}" for n in range(n_cells)])
    data = anndata.AnnData(values - 5, obs=cells, var=pd.DataFrame(index=[*HUMAN, EVIL]))
    data.layers[EVIL] = values
    data.obsm["X_umap"] = np.random.default_rng(0).normal(size=(n_cells, 2))
    ref = datasets.store_upload("x.h5ad", io.BytesIO(saved(data, tmp_path).read_bytes()), title=EVIL)
    mark(datasets.load(ref).sha256, np.arange(n_cells) < 30, title=EVIL)
    return ref


@pytest.fixture
def evil_runs():
    """Two finished runs of hostile titles and genes."""
    return [fabricate_run(seed=seed, title=EVIL, name_of_gene=EVIL + " {:02d}") for seed in (1, 2)]


@pytest.mark.parametrize("colour", [EVIL, f"{EVIL} depth"], ids=["label", "number"])
def test_of_a_dataset(evil_dataset, colour):
    app = open_page("pages/prepare/dataset.py", dataset=evil_dataset, colour=colour, cells_by=EVIL, a_by=EVIL)
    assert check_page(app) > 10
    app.multiselect(key="cells_in").set_value([f"{EVIL} A"]).run()
    assert not app.exception
    assert app.query_params["cells_in"]
    check_page(app)


def test_of_the_infer_page(evil_dataset):
    app = open_page("pages/explore/infer.py", dataset=evil_dataset, cells_by=EVIL, cells_in=f"{EVIL} A")
    assert check_page(app)


def test_of_a_gene_list():
    ref = datasets.store_genes(HUMAN, title=EVIL)
    assert check_page(open_page("pages/prepare/dataset.py", dataset=ref))


@pytest.mark.parametrize(
    "page",
    ["start/home", "explore/network", "explore/targets", "explore/infer", "evaluate/compare", "evaluate/benchmark"],
)
def test_of_runs(evil_runs, page):
    app = open_page(f"pages/{page}.py", run=evil_runs[0])
    met = check_page(app)
    assert met or page in ("evaluate/benchmark",)


def test_of_runs_side_by_side(evil_runs):
    for view in ("agreement", "scores", "tfs", "reference", "consensus"):
        app = open_page("pages/evaluate/compare.py", runs=",".join(evil_runs), view=view)
        assert check_page(app)


def test_options_are_told_apart_and_seen():
    options = ["x" * 500 + "a", "x" * 500 + "b", "a\x07", "a ", "\u202eb", "c"]
    shown = [told_apart(options)(one) for one in options]
    assert len(set(shown)) == len(options)
    assert all(one.isprintable() and len(one) < 320 for one in shown)
    assert shown[-1] == "c"
    assert seen("a\x00b" * 1000, most=10).startswith("a b")
