"""The three files of a matrix are those of one tool's names; what lies beside them changes nothing."""

from __future__ import annotations

import io
import zipfile
from itertools import permutations

import numpy as np
import pytest
from scipy import sparse
from scipy.io import mmwrite

from grn_core.datasets.formats.archive import read_archive
from grn_core.datasets.read_as import ReadAs
from grn_core.errors import DataError
from tests.datasets.helpers import HUMAN, cell_names, counts

VALUES = counts().astype(int)
BESIDE = {
    "cell_metadata.csv": "\n".join(("cell,cluster", *(f"{name},1" for name in reversed(cell_names())))),
    "all_genes.csv": "\n".join(("gene_id,gene_name,genome", *(f"{name},{name},hg38" for name in reversed(HUMAN)))),
    "sample_features.tsv": "\n".join(reversed(HUMAN)),
    "notes.txt": "none",
}
TOOLS = {
    "10x Genomics": ("matrix.mtx", "barcodes.tsv", "features.tsv"),
    "Parse": ("DGE.mtx", "cell_metadata.csv", "all_genes.csv"),
    "kallisto | bustools": ("cells_x_genes.mtx", "cells_x_genes.barcodes.txt", "cells_x_genes.genes.txt"),
    "alevin-fry": ("quants_mat.mtx", "quants_mat_rows.txt", "quants_mat_cols.txt"),
}


def written(values):
    out = io.BytesIO()
    mmwrite(out, sparse.coo_matrix(values))
    return out.getvalue().decode()


def folder_of(tool, *, genes=HUMAN, values=VALUES):
    """The contents of the tool's three files, by name."""
    matrix, barcodes, features = TOOLS[tool]
    rows = [f"{name},{name},hg38" for name in genes] if features.endswith(".csv") else list(genes)
    names = cell_names()
    return {
        matrix: written(values.T if tool == "10x Genomics" else values),
        barcodes: "\n".join(["cell,sample", *(f"{one},s" for one in names)] if ".csv" in barcodes else names),
        features: "\n".join(["gene_id,gene_name,genome", *rows] if ".csv" in features else rows),
    }


def read(members, path):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return read_archive(path, title="cells", read_as=ReadAs())


@pytest.mark.parametrize("tool", TOOLS)
def test_what_lies_beside_the_three_files_changes_nothing_in_any_order(tool, tmp_path):
    own = folder_of(tool)
    members = {**BESIDE, **own}
    for n, order in enumerate((list(members), list(reversed(members)))):
        found = read([(name, members[name]) for name in order], tmp_path / f"{n}.zip")
        assert list(found.obs.index) == cell_names()
        assert found.genes == HUMAN
        np.testing.assert_array_equal(found.matrix.toarray(), VALUES)
        assert f"The file was read as a folder of {tool}." in found.notes


def test_two_files_that_may_be_one_of_the_three_are_refused_in_any_order(tmp_path):
    own = folder_of("10x Genomics")
    other = {**own, "genes.tsv": "\n".join(reversed(HUMAN))}
    for n, order in enumerate(permutations(other)):
        with pytest.raises(DataError, match=r"2 files may be the features: features\.tsv, genes\.tsv"):
            read([(name, other[name]) for name in order], tmp_path / f"{n}.zip")
    same = {**own, "genes.tsv": own["features.tsv"]}
    assert read(same.items(), tmp_path / "same.zip").genes == HUMAN


def test_the_files_of_two_tools_in_one_folder_are_two_samples(tmp_path):
    both = {**folder_of("10x Genomics"), **folder_of("alevin-fry")}
    with pytest.raises(DataError, match=r"2 samples \(\. of 10x Genomics, \. of alevin-fry\)"):
        read(both.items(), tmp_path / "both.zip")


@pytest.mark.parametrize("by_gene", [False, True])
def test_spliced_and_ambiguous_molecules_are_added_up(by_gene, tmp_path):
    parts = [counts(seed=seed).astype(int) for seed in range(3)]
    names = [f"{gene}{ending}" for ending in ("", "-U", "-A") for gene in HUMAN]
    order = np.arange(3 * len(HUMAN)).reshape(3, -1).T.ravel() if by_gene else np.arange(3 * len(HUMAN))
    genes, values = [names[place] for place in order], np.hstack(parts)[:, order]
    found = read(folder_of("alevin-fry", genes=genes, values=values).items(), tmp_path / "usa.zip")
    assert found.genes == HUMAN
    np.testing.assert_array_equal(found.matrix.toarray(), parts[0] + parts[2])
    assert any("the spliced and the ambiguous are added up" in note for note in found.notes)


def test_a_gene_whose_name_ends_like_its_molecules_is_no_sign_of_them(tmp_path):
    genes = (*HUMAN[:-2], "HLA-A", "MT-A")
    assert read(folder_of("alevin-fry", genes=genes).items(), tmp_path / "a.zip").genes == genes
