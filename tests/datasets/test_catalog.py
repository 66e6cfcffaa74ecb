from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from grn_core.datasets import builtins, list_uploads, load, store_upload
from grn_core.datasets.read_as import ReadAs
from grn_core.errors import DataError, GeneError
from grn_core.settings import settings
from tests.datasets.helpers import MOUSE, cells, saved, table

CSV = table().to_csv().encode()


def kept() -> set[str]:
    return {path.name for path in settings().uploads.iterdir()}


@pytest.mark.parametrize("record", builtins(), ids=lambda record: record.ref)
def test_records_tell_the_truth(record):
    dataset = load(record.ref)
    assert (dataset.ref, dataset.title, dataset.n_cells) == (record.ref, record.title, record.n_cells)
    assert dataset.match.species == record.species
    assert (dataset.truth is not None) == record.has_truth
    assert record.licence
    assert record.source
    assert record.description
    assert load(record.ref) is dataset
    assert dataset.panel().dataset_sha == record.load().sha256


@pytest.mark.parametrize("ref", ["nosuch", "upload-0123456789ab", "upload-../../etc"])
def test_unknown_dataset(ref):
    with pytest.raises(DataError, match="there is no dataset") as caught:
        load(ref)
    assert "pbmc68k" in caught.value.needed


def test_upload_and_load():
    ref = store_upload("C:\\mine\\My cells.csv", io.BytesIO(CSV), title="Mine")
    dataset = load(ref)
    assert (dataset.ref, dataset.title, dataset.source) == (ref, "Mine", "upload My cells.csv")
    (record,) = list_uploads()
    assert (record.ref, record.n_cells, record.filename, record.n_bytes) == (ref, 12, "My cells.csv", len(CSV))
    assert kept() == {f"{record.sha256[:12]}.csv", f"{ref}.json"}
    assert dataset.panel().dataset_ref == ref


def test_the_same_content_is_kept_once():
    first, second = (store_upload(name, io.BytesIO(CSV)) for name in ("a.csv", "b.csv"))
    assert first == second
    assert len(list_uploads()) == 1
    other = store_upload("a.csv", io.BytesIO(CSV), read_as=ReadAs(species="human"))
    assert other != first
    assert len(list_uploads()) == 2


def test_h5ad_upload(tmp_path):
    content = saved(cells(genes=MOUSE), tmp_path).read_bytes()
    ref = store_upload("cells.h5ad", io.BytesIO(content))
    assert load(ref).match.species == "mouse"
    assert load(ref).obs["cell_type"].nunique() == 2


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.h5ad", CSV, DataError),
        ("a.csv", b"", DataError),
        ("café 2.csv", b"", DataError),
        ("..", b"x", DataError),
        ("a.csv", CSV[:-30], DataError),
        ("../../a.csv", b"cell,x1,x2\n" + b"c,1,2\n" * 12, GeneError),
        ("", b"\0\1\2\3", DataError),
    ],
)
def test_what_cannot_be_read_is_not_kept(name, content, kind):
    with pytest.raises(kind) as caught:
        store_upload(name, io.BytesIO(content))
    assert ".part-" not in str(caught.value)
    assert kept() == set()


def test_an_upload_beyond_the_limit_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setenv("GRN_MAX_UPLOAD_MB", "1")
    stream = io.BytesIO(b"a,b\n" * 1024**2)
    with pytest.raises(DataError, match="GRN_MAX_UPLOAD_MB"):
        store_upload("a.csv", stream)
    assert stream.tell() < 3 * 1024**2
    assert kept() == set()


def test_damaged_records_are_passed_over():
    ref = store_upload("a.csv", io.BytesIO(CSV))
    (settings().uploads / "upload-000000000000.json").write_text("{")
    (settings().uploads / "upload-111111111111.json").write_text(json.dumps({"ref": "x"}))
    assert [record.ref for record in list_uploads()] == [ref]


def test_no_uploads_yet():
    assert list_uploads() == []


TWO_MAPS = """
import sys
from dataclasses import replace
import numpy as np
from grn_core.datasets import compute_umap, load
whole = load("mCAD")
part = replace(whole, ref="part", matrix=whole.matrix[:12], obs=whole.obs[:12])
np.save(sys.argv[1], np.stack([compute_umap(part, seed=1), compute_umap(part, seed=1)]))
"""


@pytest.mark.thorough
def test_umap(tmp_path):
    """In plain Python: numba would compile it for half a minute where it has not run before; measured compiled, too."""
    script = [sys.executable, "-c", TWO_MAPS, str(tmp_path / "maps.npy")]
    subprocess.run(script, env={**os.environ, "NUMBA_DISABLE_JIT": "1"}, check=True)
    points, again = np.load(tmp_path / "maps.npy")
    assert points.shape == (12, 2)
    assert points.dtype == np.float32
    assert np.isfinite(points).all()
    assert len(np.unique(points, axis=0)) == 12
    np.testing.assert_array_equal(points, again)


def test_importing_loads_nothing_heavy():
    script = "import sys, grn_core.datasets as d; d.builtins(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"torch", "scanpy", "sklearn", "numba", "umap", "anndata"} & set(done.stdout.split())
