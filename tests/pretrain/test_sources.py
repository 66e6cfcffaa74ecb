"""What is read of a file's origin, and the data sets that no corpus may hold."""

from __future__ import annotations

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest

from grn_core.errors import DataError
from grn_core.pretrain.sources import OF_BEELINE, Source, source_of


def write(path, **columns):
    obs = pd.DataFrame(columns, index=[f"row{number}" for number in range(3)])
    path.parent.mkdir(parents=True, exist_ok=True)
    anndata.AnnData(np.ones((3, 2), dtype=np.float32), obs=obs).write_h5ad(path)
    return path


def test_nothing_is_known_of_a_file_without_table_and_note(tmp_path):
    assert source_of(write(tmp_path / "a.h5ad")) == Source()


@pytest.mark.parametrize("where", [".", ".."])
def test_a_table_in_the_folder_or_above_it_goes_before_a_note(tmp_path, where):
    path = write(tmp_path / "sets" / "a.h5ad")
    table = 'file,study,repo,licence\nsets/b.h5ad,other,x/y,GPL\nsets/a.h5ad,"Ma, 2020 (GSE123)",lab/code,MIT\n'
    (path.parent / where / "MANIFEST-one.csv").write_text(table, encoding="utf-8")
    path.with_name("a.txt").write_text("licence: GPL-3\nstudy: another\n", encoding="utf-8")
    found = source_of(path)
    assert found == Source("Ma, 2020 (GSE123)", "lab/code", "MIT")
    assert found.accessions == {"GSE123"}


def test_a_note_fills_what_the_table_leaves_open(tmp_path):
    (tmp_path / "MANIFEST.csv").write_text("name,accession,licence\na,E-MTAB-7,\n", encoding="utf-8")
    path = write(tmp_path / "a.h5ad")
    note = "public repository: github.com/x/y\nrepository licence: CC BY 4.0\nnotes: see there\n"
    path.with_name("a.provenance.txt").write_text(note, encoding="utf-8")
    assert source_of(path) == Source("E-MTAB-7", "github.com/x/y", "CC BY 4.0")


@pytest.mark.parametrize("text", ["", "not stated", "Not stated in repository"])
def test_a_licence_that_is_not_stated_is_none(tmp_path, text):
    (tmp_path / "MANIFEST.csv").write_text(f"name,licence\na,{text}\n", encoding="utf-8")
    assert source_of(write(tmp_path / "a.h5ad")).licence == ""


def test_studies_may_stand_in_the_file(tmp_path):
    (tmp_path / "MANIFEST.csv").write_text("name,study,licence\na,see obs.study / obs.citation,MIT\n", encoding="utf-8")
    path = write(tmp_path / "a.h5ad", study=pd.Categorical(["B", "A", "B"]), citation=["Li", "Li", "nan"])
    assert source_of(path).study == "A; B; Li"


@pytest.mark.parametrize("accession", OF_BEELINE)
def test_a_data_set_of_beeline_is_refused(tmp_path, accession):
    path = write(tmp_path / "a.h5ad")
    path.with_name("a.txt").write_text(f"study: Someone 2016 ({accession})\n", encoding="utf-8")
    with pytest.raises(DataError, match=rf"a\.h5ad is of {accession}, a data set of BEELINE"):
        source_of(path)
    inside = write(tmp_path / "b.h5ad", batch=["x", f"{accession}_1", "y"])
    with pytest.raises(DataError, match=rf"b\.h5ad is of {accession}"):
        source_of(inside)


@pytest.mark.parametrize(
    "kind", ["text", "category", "gaps", "gaps in categories", "index", "fixed", "0.6", "0.6 labels"]
)
def test_it_is_refused_however_the_file_writes_text(tmp_path, kind):
    words, text = ["x", "GSE98664_1", "y"], h5py.string_dtype()
    with h5py.File(tmp_path / "a.h5ad", "w") as file:
        file["X"] = np.ones((3, 2), np.float32)
        if kind.startswith("0.6"):  # one table for all columns; labels of categories beside it
            labels = kind.endswith("labels")
            of = np.dtype([("index", "S9"), ("batch", "i1" if labels else "S12")])
            file["obs"] = np.array([(b"row", 0 if labels else word.encode()) for word in words], of)
            file["uns/batch_categories"] = np.array(words if labels else ["z"], dtype=text)
        else:
            place = {"category": "batch/categories", "gaps": "batch/values", "index": "_index"}.get(kind, "batch")
            place = "batch/categories/values" if kind == "gaps in categories" else place
            file[f"obs/{place}"] = np.array(words, dtype="S10" if kind == "fixed" else text)
            if kind.startswith("gaps"):
                file[f"obs/{place.replace('values', 'mask')}"] = np.zeros(3, dtype=bool)
    with pytest.raises(DataError, match=r"a\.h5ad is of GSE98664"):
        source_of(tmp_path / "a.h5ad")


def test_a_remark_may_say_what_a_set_is_not(tmp_path):
    path = write(tmp_path / "a.h5ad")
    path.with_name("a.txt").write_text("study: GSE29087\nnotes: not the BEELINE set (GSE98664)\n", encoding="utf-8")
    assert source_of(path).study == "GSE29087"


def test_a_longer_accession_is_another(tmp_path):
    path = write(tmp_path / "a.h5ad")
    path.with_name("a.txt").write_text("study: GSE816821\n", encoding="utf-8")
    assert source_of(path).accessions == {"GSE816821"}
