"""Tables as programs and countries write them: each is read as the plain table of the same cells."""

from __future__ import annotations

import bz2
import gzip

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grn_core.datasets import read
from grn_core.datasets.formats.layout import layout_of
from grn_core.datasets.formats.rows import read_rows
from grn_core.errors import DataError, GrnError
from tests.datasets.helpers import MOUSE, cell_names, table

pytestmark = pytest.mark.usefixtures("in_this_process")

SAME_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
FRAME = table(MOUSE) * 300


def same(path, frame=FRAME):
    dataset = read(path)
    assert dataset.genes == tuple(frame.columns)
    assert list(dataset.obs.index) == list(frame.index)
    np.testing.assert_allclose(dataset.matrix.toarray(), frame.to_numpy(), rtol=1e-6)
    return dataset


def written(text, folder, name="cells.txt", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@SAME_FOLDER
@given(
    seed=st.integers(0, 999),
    delimiter=st.sampled_from("\t;,|"),
    in_rows=st.booleans(),
    logged=st.booleans(),
    packing=st.sampled_from([bytes, gzip.compress, bz2.compress]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)
def test_decimal_commas_in_any_delimiter_orientation_packing_and_encoding(
    tmp_path, seed, delimiter, in_rows, logged, packing, encoding
):
    frame = table(MOUSE, seed=seed).rename(index=lambda name: f"{name} 5 µM")
    frame = np.log1p(frame / 3) if logged else frame / 8
    text = (frame.T if in_rows else frame).map(lambda value: f"{value:.5f}".replace(".", ",")).to_csv(sep=delimiter)
    path = tmp_path / "cells.dat"
    path.write_bytes(packing(text.encode(encoding)))
    dataset = same(path, frame.map(lambda value: float(f"{value:.5f}")))
    assert "Numbers have a decimal comma." in dataset.notes


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_thousands_set_apart(tmp_path, delimiter):
    text = FRAME.map(lambda value: f"{value:,.0f}").to_csv(sep=delimiter)
    assert "Thousands are set apart by commas." in same(written(text, tmp_path)).notes


def test_points_between_thousands_and_a_decimal_comma(tmp_path):
    frame = FRAME + 0.5
    text = frame.map(lambda value: f"{value:,.1f}".translate(str.maketrans(",.", ".,"))).to_csv(sep=";")
    assert "Thousands are set apart by points." in same(written(text, tmp_path), frame).notes


@pytest.mark.parametrize("comments", ["# made by a program; with 2 commas, and more\n", "#\n# a\tb\n", "%%made by\n"])
def test_comments_above_the_header(tmp_path, comments):
    same(written(comments + FRAME.T.to_csv(sep="\t"), tmp_path))


def test_a_header_that_begins_with_a_hash_is_a_header(tmp_path):
    same(written("#gene" + FRAME.T.to_csv(sep="\t"), tmp_path))


def test_gct(tmp_path):
    frame = FRAME.T
    frame.insert(0, "Description", [f"about {name}" for name in MOUSE])
    head = f"#1.2\n{len(MOUSE)}\t{len(FRAME)}\nName"
    same(written(head + frame.to_csv(sep="\t"), tmp_path, "cells.gct"))


def test_feature_counts(tmp_path):
    frame = FRAME.T.rename(columns=lambda name: f"/data/{name}.bam")
    for place, (name, fields) in enumerate(
        {
            "Chr": "chr1;chr1", "Start": "100;300", "End": "200;400", "Strand": "+;+", "Length": 202,
        }.items()
    ):  # fmt: skip
        frame.insert(place, name, fields)
    head = '# Program:featureCounts v2.0.3; Command:"featureCounts" "-a" "genes.gtf" "-o" "counts.txt"\nGeneid'
    dataset = same(
        written(head + frame.to_csv(sep="\t"), tmp_path),
        FRAME.rename(index=lambda name: f"/data/{name}.bam"),
    )
    assert {one.name for one in dataset.left_out} == {"Chr", "Start", "End", "Strand", "Length"}


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("in_rows", [True, False])
def test_a_column_of_row_numbers(tmp_path, start, in_rows):
    frame = (FRAME.T if in_rows else FRAME).rename_axis("name").reset_index()
    frame.index += start
    dataset = same(written(frame.to_csv(), tmp_path))
    assert any("the first column numbers the rows" in note for note in dataset.notes)


def test_symbols_in_a_column_beside_other_names(tmp_path):
    frame = FRAME.T
    frame.insert(0, "gene_name", list(MOUSE))
    frame.index = [f"probe{number:05d}" for number in range(len(MOUSE))]
    dataset = same(written(frame.to_csv(sep="\t"), tmp_path))
    assert any("'gene_name'" in note for note in dataset.notes)


def test_a_matrix_without_header_is_refused(tmp_path):
    with pytest.raises(GrnError) as caught:
        read(written("1,2,3\n4,5,6\n" * 9, tmp_path, "matrix.csv"))
    assert caught.value.todo


def test_cells_keep_their_order_and_names(tmp_path):
    assert list(read(written(FRAME.to_csv(), tmp_path)).obs.index) == cell_names()


@SAME_FOLDER
@given(
    delimiter=st.sampled_from("\t;,"),
    corner=st.sampled_from(["cell", "barcode", "", "Unnamed: 0", "gene_id"]),
    in_rows=st.booleans(),
    last=st.sampled_from(["", "5", "Tcell", "0.5"]),
)
def test_a_field_without_a_name_moves_no_other_above_its_numbers(tmp_path, delimiter, corner, in_rows, last):
    """Rows of one field more than the header are read as they stand where it is empty, and else refused."""
    head, *rows = (FRAME.T if in_rows else FRAME).to_csv(sep=delimiter, index_label=corner).splitlines()
    path = written("\n".join([head, *(f"{row}{delimiter}{last}" for row in rows)]), tmp_path)
    if last:
        with pytest.raises(DataError, match="fields and the rows"):
            layout_of(path, encoding="utf-8")
    else:
        found = layout_of(path, encoding="utf-8")
        assert found.columns == (*(FRAME.T if in_rows else FRAME).columns, "")
        table = read_rows(path, found)
        np.testing.assert_allclose(table.matrix.toarray(), (FRAME.T if in_rows else FRAME).to_numpy())
        assert table.columns == list((FRAME.T if in_rows else FRAME).columns)
