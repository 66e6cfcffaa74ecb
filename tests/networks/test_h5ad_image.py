"""An .h5ad file that does not fit on the disk is an error in words, and leaves nothing behind in the process."""

from __future__ import annotations

import ast
import resource
import signal
from contextlib import contextmanager

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest

from grn_core.files import write_atomic
from grn_core.networks.h5ad_image import h5ad_image
from grn_core.refusals import refusal
from tests.conftest import ROOT


@contextmanager
def no_room():
    """Let no file become larger than a few bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


@pytest.fixture
def found():
    values = np.random.default_rng(0).random((40, 30)).astype(np.float32)
    obs = pd.DataFrame({"kind": ["a", "b"] * 20}, index=[f"c{n}" for n in range(40)])
    made = anndata.AnnData(values, obs=obs)
    made.uns["regulons"] = pd.DataFrame({"source": ["SPI1", "IRF8"], "weight": [1.0, 0.5]})
    return made


def test_it_is_what_anndata_writes(found, tmp_path):
    ours, theirs = tmp_path / "ours.h5ad", tmp_path / "theirs.h5ad"
    ours.write_bytes(h5ad_image(found))
    found.write_h5ad(theirs, compression="gzip")
    names: list[dict[str, object]] = []
    for path in (ours, theirs):
        with h5py.File(path) as file:
            names.append({})
            file.visititems(lambda name, one, told=names[-1]: told.update({name: sorted(one.attrs)}))
    assert names[0] == names[1]
    one, other = anndata.read_h5ad(ours), anndata.read_h5ad(theirs)
    np.testing.assert_array_equal(one.X, other.X)
    pd.testing.assert_frame_equal(one.obs, other.obs)
    pd.testing.assert_frame_equal(one.uns["regulons"], other.uns["regulons"])


def test_where_there_is_no_room_nothing_is_left(found, tmp_path):
    path = tmp_path / "x.h5ad"
    with no_room(), pytest.raises(OSError, match="too large") as caught:
        write_atomic(path, lambda draft: draft.write_bytes(h5ad_image(found)))
    assert refusal(caught.value) is not None
    assert h5py.h5f.get_obj_count(types=h5py.h5f.OBJ_FILE) == 0
    assert list(tmp_path.iterdir()) == []


def test_all_hdf5_for_others_is_made_so():
    """A call of `write_h5ad` of anndata gives HDF5 a file on the disk."""
    sources = {path: path.read_text(encoding="utf-8") for path in (ROOT / "grn_core").rglob("*.py")}
    for path in (one for one, source in sources.items() if "write_h5ad" in source):
        for node in ast.walk(ast.parse(sources[path])):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr != "write_h5ad", path
