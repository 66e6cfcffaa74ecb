"""The reader of pickled tables that the script of the gene tables uses: right values, and nothing of the file runs."""

from __future__ import annotations

import importlib.util
import pickle
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

PATH = Path(__file__).resolve().parents[2] / "scripts" / "inert_pickle.py"


@pytest.fixture(scope="module")
def reader():
    spec = importlib.util.spec_from_file_location("inert_pickle", PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_plain_data_come_back_as_they_are(reader):
    data = {"a": [1, 2.5, "x", None, True, False], "b": ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)), "c": b"y", "d": {}}
    data["again"] = data["a"]
    for protocol in (4, 5):
        assert reader.contents(pickle.dumps(data, protocol=protocol)) == data


class Trap:
    """A pickle of it calls `exit` where it is unpickled."""

    def __reduce__(self):
        return sys.exit, ("the pickle was run",)


def test_what_a_pickle_would_call_is_noted_and_not_called(reader):
    file = pickle.dumps(Trap(), protocol=5)
    assert b"the pickle was run" in file
    assert reader.contents(file) == reader.Inert("sys.exit", ("the pickle was run",))


def test_an_instruction_that_no_table_needs_is_an_error(reader):
    with pytest.raises(ValueError, match="the instruction EMPTY_SET, which a table does not need"):
        reader.contents(pickle.dumps({1, 2}, protocol=4))


class Holder:
    """Pickled as pandas pickled its tables up to version 1: an object and its state, which may be a tuple."""

    def __init__(self, state):
        self.state = state

    def __getstate__(self):
        return self.state


class Categorical(Holder):
    """Stands for a column of categories."""


@pytest.mark.parametrize("protocol", [4, 5])
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_table_is_read_block_by_block_without_its_categories(reader, protocol, order):
    names = pd.Index(["gene_name", "length", "kind", "other", "share"], dtype=object)
    index = pd.Index(["G1", "G2", "G2"], dtype=object)
    texts = np.array([["A", "B", None], ["u", "v", "w"]], dtype=object, order=order)
    blocks = [
        {"values": texts, "mgr_locs": slice(0, 4, 3)},
        {"values": np.array([[1, 2, 3]], dtype=np.int64, order=order), "mgr_locs": slice(1, 2, 1)},
        {"values": Categorical({"codes": None}), "mgr_locs": slice(2, 3, 1)},
        {"values": np.array([[0.5, 1.5, np.nan]], order=order), "mgr_locs": np.array([4])},
    ]
    manager = Holder(([], [], [], {"0.14.1": {"axes": [names, index], "blocks": blocks}}))
    read = reader.read_frame(pickle.dumps(Holder({"_mgr": manager}), protocol=protocol))
    columns = {"gene_name": texts[0], "other": texts[1], "length": [1, 2, 3], "share": [0.5, 1.5, np.nan]}
    pd.testing.assert_frame_equal(read, pd.DataFrame(columns, index=index.tolist())[list(read.columns)])
    assert set(read.columns) == set(columns)
