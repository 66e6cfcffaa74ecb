"""Nothing of a user's file is taken apart outside the confined reader: each call of a reading library is known."""

from __future__ import annotations

import pytest

from scripts.docs_parsing import ROOMS, parsing_calls, places, room_of


def test_libraries_read_files_in_the_reader_or_read_what_is_no_users():
    stray = {module: calls for module, calls in places().items() if not room_of(module, ROOMS)}
    assert not stray, "have the file read in the reader (`read_apart`), or say in scripts/docs_parsing.py whose it is"


def test_no_room_is_named_that_reads_nothing():
    idle = [room for room in ROOMS if not any(room_of(module, {room: ""}) for module in places())]
    assert not idle


def test_no_page_reads_a_file():
    assert not [module for module in places() if module.startswith(("app", "pages"))]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import h5py\nh5py.File(path)", "h5py.File"),
        ("def f():\n    import pandas as pd\n    return pd.read_csv(path)", "pandas.read_csv"),
        ("from anndata.io import read_elem as take\ntake(group)", "anndata.io.read_elem"),
        ("import pyarrow.parquet\npyarrow.parquet.ParquetFile(path)", "pyarrow.parquet.ParquetFile"),
        ("from scipy import io as scipy_io\nscipy_io.mmread(path)", "scipy.io.mmread"),
        ("import gzip, bz2\nopener = gzip.open if packed else bz2.open", "gzip.open"),
        ("import torch\ntorch.load(path)", "torch.load"),
        ("from zipfile import ZipFile\nwith ZipFile(path) as whole: pass", "zipfile.ZipFile"),
    ],
)
def test_a_call_is_seen_whatever_it_is_called_by(source, name):
    assert name in set(parsing_calls(source))


def test_what_reads_nothing_is_no_such_call():
    assert not list(parsing_calls("import pandas as pd, h5py\npd.DataFrame()\nname: h5py.Group\nread_csv(path)"))
