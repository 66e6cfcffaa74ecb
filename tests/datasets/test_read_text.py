from __future__ import annotations

import gzip

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from grn_core.datasets import read
from grn_core.errors import DataError, GeneError, GrnError
from grn_core.genes.tables import human_symbols
from tests.datasets.helpers import HUMAN, MOUSE, read_here, table

SAME_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def written(text: str | bytes, folder, name="cells.csv"):
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def refused(text, folder, kind=DataError, name="cells.csv") -> GrnError:
    with pytest.raises(kind) as caught:
        read(written(text, folder, name))
    assert caught.value.needed
    assert caught.value.todo
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("delimiter", [",", "\t", ";", " "])
@pytest.mark.parametrize("genes_in_rows", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_layouts(delimiter, genes_in_rows, packed, tmp_path):
    frame = table()
    text = (frame.T if genes_in_rows else frame).to_csv(sep=delimiter, index_label="name").encode()
    dataset = read(written(gzip.compress(text) if packed else text, tmp_path, "a.tsv.gz" if packed else "a.tsv"))
    assert dataset.genes == HUMAN
    assert list(dataset.obs.index) == list(frame.index)
    assert dataset.title == "a"
    np.testing.assert_array_equal(dataset.matrix.toarray(), frame.to_numpy())
    assert any("transposed" in note for note in dataset.notes) == genes_in_rows


def test_cells_named_like_genes_do_not_turn_the_table(tmp_path):
    frame = table(HUMAN[:4])
    frame.index = [f"c{i}" for i in range(2, 14)]  # complement C2, C3, C5, ... are genes
    assert read(written(frame.to_csv(), tmp_path)).genes == HUMAN[:4]


def test_names_of_which_none_is_known_are_refused_and_the_cells_are_not_taken_for_genes(tmp_path):
    frame = table([f"ZQ{letter}X{number}" for letter in "ABCDEF" for number in range(7)], n_cells=30)
    assert "none of the 72 names" in refused(frame.to_csv(), tmp_path, GeneError).found
    frame.index = [f"c{i}" for i in range(30)]  # six of them are spelt like genes
    for text in (frame.to_csv(), frame.T.to_csv()):
        assert "hardly any name in the header or the first column is a known gene" in str(
            refused(text, tmp_path, GeneError)
        )


def test_header_without_a_corner_as_r_writes_it(tmp_path):
    text = table().to_csv(sep="\t").removeprefix("\t")
    dataset = read(written(text, tmp_path))
    assert dataset.genes == HUMAN


def test_quoted_names_and_windows_lines(tmp_path):
    text = table(MOUSE).to_csv(lineterminator="\r\n", quoting=2)
    dataset = read(written("\ufeff" + text, tmp_path))
    assert dataset.genes == MOUSE


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize("delimiter", [",", *(pytest.param(one, marks=pytest.mark.thorough) for one in "\t;")])
def test_a_line_as_long_as_all_genes_make_it(delimiter, tmp_path):
    genes = sorted(human_symbols())[:20_000]
    frame = pd.DataFrame(np.ones((12, len(genes)), dtype=int), index=[f"cell{i}" for i in range(12)], columns=genes)
    dataset = read(written(frame.to_csv(sep=delimiter), tmp_path))
    assert (dataset.n_cells, dataset.n_genes) == frame.shape


def test_a_table_larger_than_one_block(tmp_path, monkeypatch):
    monkeypatch.setattr("grn_core.datasets.formats.rows.CHARACTERS_A_TIME", 50)
    monkeypatch.setattr("grn_core.datasets.readers.dataset_of", read_here)
    frame = table(n_cells=40)
    np.testing.assert_array_equal(read(written(frame.to_csv(), tmp_path)).matrix.toarray(), frame.to_numpy())


@pytest.mark.usefixtures("in_this_process")
@SAME_FOLDER
@given(
    data=st.data(),
    n_cells=st.integers(10, 14),
    genes=st.lists(st.sampled_from(HUMAN), min_size=2, max_size=6, unique=True),
    genes_in_rows=st.booleans(),
    delimiter=st.sampled_from([",", "\t", ";"]),
)
def test_round_trip(data, n_cells, genes, genes_in_rows, delimiter, tmp_path):
    number = st.integers(0, 10_000) | st.floats(0, 15, width=32, allow_subnormal=False)
    row = st.lists(number, min_size=len(genes), max_size=len(genes))
    values = np.array(data.draw(st.lists(row, min_size=n_cells, max_size=n_cells)), dtype=np.float32)
    values[0, 0] = 1.0
    frame = pd.DataFrame(values, index=[f"c{i}" for i in range(n_cells)], columns=genes)
    dataset = read(written((frame.T if genes_in_rows else frame).to_csv(sep=delimiter), tmp_path))
    assert dataset.genes == tuple(genes)
    assert tuple(dataset.obs.index) == tuple(frame.index)
    np.testing.assert_array_equal(dataset.matrix.toarray(), values)


@SAME_FOLDER
@given(content=st.binary(max_size=400), name=st.sampled_from(["a.csv", "a.tsv.gz", "a.h5ad", "a"]))
@example(content=b"\x1f\x8b\x08\x00broken", name="a.csv.gz")
@example(content=b"\x89HDF\r\n\x1a\n and nothing more", name="a.h5ad")
@example(content=b'a,"b\n1,2\n', name="a.csv")
@example(content=b"a,b\n1,2\n1,2,3\n", name="a.csv")
@example(content=b"\x80\x04\x95 pickle", name="a.csv")
def test_random_bytes_are_refused_politely(content, name, tmp_path):
    with pytest.raises(GrnError):
        read(written(content, tmp_path, name))


@SAME_FOLDER
@given(content=st.text(alphabet='SPI1,GATA\n\t"; 0123456789.e-+\0é', max_size=300))
def test_random_tables_are_refused_politely(content, tmp_path):
    with pytest.raises(GrnError):
        read(written("name,SPI1,GATA1\n" + content, tmp_path))


@SAME_FOLDER
@given(cut=st.integers(0, 400))
def test_a_cut_off_table_never_crashes(cut, tmp_path):
    packed = gzip.compress(table().to_csv().encode(), mtime=0)
    if cut < len(packed):
        with pytest.raises(GrnError):
            read(written(packed[:cut], tmp_path, "a.csv.gz"))


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("3.0", "three", "'three' in line"),
        ("3.0", "3,0", "fields"),
        ("3.0", "", "no value"),
        ("3.0", "NaN", "no value"),
        ("3.0", "-3.0", "negative"),
        ("3.0", "inf", "infinite"),
        ("3.0", "1e200", "infinite"),
    ],
)
def test_a_wrong_cell(old, new, found, tmp_path):
    assert found in refused(table().to_csv().replace(old, new, 1), tmp_path).found


def test_cell_metadata_in_a_table_become_labels_of_the_cells(tmp_path):
    labels = ["B cell", "T cell, naive"] * 6
    dataset = read(written(table().assign(cell_type=labels, percent_mt=0.25).to_csv(), tmp_path))
    assert dataset.genes == HUMAN
    assert dataset.obs["cell_type"].tolist() == labels
    assert dataset.obs["percent_mt"].tolist() == [0.25] * 12
    assert any("'cell_type' holds text" in note for note in dataset.notes)


def test_a_word_among_the_numbers_of_a_column_is_refused(tmp_path):
    error = refused(table().assign(dose=[0.5] * 11 + ["much"]).to_csv(), tmp_path)
    assert "column 'dose' holds 'much' in line 13" in error.found


def test_lines_cut_off(tmp_path):
    text = table().to_csv()
    assert "truncated" in refused(text[:-20], tmp_path).todo


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "is empty"),
        ("\n\n", "empty lines alone"),
        ("SPI1\nGATA1\n", "single column"),
        ("name,SPI1,GATA1\n", "no rows"),
        ("name,SPI1,GATA1\n1,2,3,4,5\n", "the rows 5"),
        ("name,SPI1,GATA1\nc1,2,3\n", "1 cell"),
        (table().to_csv().encode("utf-16")[:-1], "cannot be read as table of text"),
        ("Gene;Type\nSPI1;B\nGATA1;T\n", "hold text and no number"),
        ("a,b\0,c\n1,2,3\n", "not text"),
    ],
)
def test_no_table(text, found, tmp_path):
    assert found in refused(text, tmp_path).found


def test_all_zeros(tmp_path):
    assert "zero" in refused((table() * 0).to_csv(), tmp_path).found


def test_no_known_gene_shows_both_sides(tmp_path):
    frame = table()
    frame.columns = [f"probe{i}" for i in range(frame.shape[1])]
    error = refused(frame.to_csv(), tmp_path, GeneError)
    assert "probe0" in error.found
    assert "AAAC-0" in error.found


def test_too_many_cells(tmp_path, monkeypatch):
    monkeypatch.setenv("GRN_MAX_CELLS", "11")
    assert "GRN_MAX_CELLS" in refused(table().to_csv(), tmp_path).todo


def test_gzip_that_unpacks_to_a_single_huge_line(tmp_path, monkeypatch):
    monkeypatch.setattr("grn_core.datasets.formats.layout.LONGEST_LINE", 1000)
    monkeypatch.setattr("grn_core.datasets.readers.dataset_of", read_here)
    assert "line of more than" in refused(gzip.compress(b"," * 5000), tmp_path, name="a.csv.gz").found


@pytest.mark.shared_data
@pytest.mark.parametrize(("name", "species"), [("hESC", "human"), ("mDC", "mouse")])
def test_beeline_matrices(name, species, shared_data):
    dataset = read(shared_data / f"data/beeline/expression/{name}/ExpressionData.csv")
    assert dataset.match.species == species
    assert dataset.value_kind == "log2"
    assert dataset.match.n_matched > 0.85 * dataset.n_genes
    assert any("transposed" in note for note in dataset.notes)
