"""What the reader hands over is the dataset that it read, and nothing else is taken for one."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as law
from hypothesis import strategies as st

from grn_core.datasets import formats, load, read
from grn_core.datasets.isolation import stored
from grn_core.datasets.read_as import FROM_THE_FILE
from grn_core.errors import DataError
from grn_core.settings import settings
from tests.datasets.helpers import MOUSE, cells, read_here, saved, table

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
COLUMNS = st.sampled_from(["category", "ordered", "object", "mixed", "float", "int", "bool", "Int64", "string", "time"])


def column(kind, draw, n):
    names = draw(st.lists(NAMES, min_size=n, max_size=n))
    if kind in ("category", "ordered"):
        made = pd.Categorical([name or None for name in names], ordered=kind == "ordered")
    elif kind == "mixed":
        made = np.array([name or np.nan for name in names], dtype=object)
    elif kind == "float":
        made = np.array(draw(st.lists(st.floats(width=32), min_size=n, max_size=n)), dtype=np.float32)
    elif kind in ("int", "bool"):
        made = np.array(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)), dtype=kind)
    elif kind == "Int64":
        made = pd.array(draw(st.lists(st.none() | st.integers(-9, 9), min_size=n, max_size=n)), dtype="Int64")
    elif kind == "time":
        made = pd.to_datetime([f"2020-01-{1 + number % 28:02}" for number in range(n)])
    else:
        made = pd.Series(names, dtype=kind).array
    return made


@law(max_examples=60, deadline=None)
@given(data=st.data(), kinds=st.lists(COLUMNS, max_size=4))
def test_a_dataset_comes_back_as_it_was(data, kinds, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    dataset = load("mCAD")
    obs = pd.DataFrame(index=dataset.obs.index[:12])
    for place, kind in enumerate(kinds):
        obs[f"{place} {data.draw(NAMES)}"] = column(kind, data.draw, 12)
    before = replace(dataset, matrix=dataset.matrix[:12], obs=obs, embedding=np.ones((12, 2), np.float32))
    stored.save(before, folder)
    after = stored.load(folder)
    pd.testing.assert_frame_equal(after.obs, before.obs)
    pd.testing.assert_frame_equal(after.truth, before.truth)
    assert after.sha256 == before.sha256
    assert after.match == before.match
    assert (after.notes, after.genes, after.title) == (before.notes, before.genes, before.title)
    np.testing.assert_array_equal(after.embedding, before.embedding)
    assert after.matrix.dtype == np.float32


@pytest.mark.parametrize("genes", [MOUSE, (*MOUSE[:9], "__no_feature", "percent.mt", "ENSMUSG00000002111")])
def test_what_is_handed_over_is_what_the_format_reads(tmp_path, genes):
    frame = table(genes)
    frame.to_csv(tmp_path / "cells.csv")
    path = saved(cells(genes=genes), tmp_path)
    for one in (tmp_path / "cells.csv", path):
        form = formats.format_of(one).name
        here = read_here(one, form=form, title="cells", read_as=FROM_THE_FILE)
        there = read(one)
        assert there.sha256 == here.sha256
        assert there.notes == here.notes
        assert there.left_out == here.left_out
        pd.testing.assert_frame_equal(there.obs, here.obs)


def tampered(place, how):
    record = json.loads((place / stored.RECORD).read_text(encoding="ascii"))
    parts = record["fields"]["matrix"]["matrix"]
    if how == "pickle":
        np.save(place / parts["data"], np.array([{}], dtype=object), allow_pickle=True)
    elif how == "indices":
        wild = np.load(place / parts["indices"])
        wild[0] = 10**6
        np.save(place / parts["indices"], wild)
    elif how == "link":
        target = place.parent / "elsewhere.npy"
        (place / parts["data"]).rename(target)
        (place / parts["data"]).symlink_to(target)
    elif how == "path":
        parts["data"] = "../../data.npy"
    elif how == "class":
        record["record"] = "Path"
    elif how == "fewer names":
        record["fields"]["genes"] = record["fields"]["genes"][1:]
    elif how == "no JSON":
        record = None
    (place / stored.RECORD).write_text(json.dumps(record) if record else "{", encoding="ascii")


@pytest.mark.parametrize("how", ["pickle", "indices", "link", "path", "class", "fewer names", "no JSON"])
def test_what_was_changed_is_not_taken_but_read_anew(grn_home, how):
    path = saved(cells(), grn_home)
    before = read(path).sha256
    (place,) = (settings().home / "cells").iterdir()
    tampered(place, how)
    with pytest.raises((OSError, ValueError, KeyError, TypeError, DataError)):
        stored.load(place)
    assert read(path).sha256 == before
    assert stored.load(place).sha256 == before


def test_a_file_that_lies_elsewhere_leaves_no_copy(tmp_path, grn_home):
    read(saved(cells(), tmp_path))
    assert [path for path in grn_home.rglob("*") if path.is_file()] == []
