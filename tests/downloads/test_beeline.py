from __future__ import annotations

import multiprocessing
import os

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grn_core import downloads
from grn_core.benchmark.references.reference import read_reference
from grn_core.downloads import beeline
from grn_core.downloads.beeline import clean_edges, gene_set, restrict_edges
from grn_core.errors import DataError
from tests.downloads.conftest import NETWORKS, csv, published, zipped

ORDERING = pd.DataFrame(
    [
        ("Tf1", 1e-9, 0.1),
        ("TF2", 0.0024, 0.2),
        ("TF3", 0.0025, 9.0),  # exactly 0.01 / 4 genes that are also measured: not below it
        ("G1", 1e-9, 5.0),
        ("G2", 1e-9, 6.0),
        ("G3", float("nan"), 7.0),
    ],
    columns=["gene", "p", "variance"],
)


def pairs(edges: pd.DataFrame) -> set[tuple[str, str]]:
    return set(edges.itertuples(index=False, name=None))


def ends(edges: pd.DataFrame) -> set[str]:
    return set(edges["tf"]) | set(edges["target"])


def test_a_gene_set_worked_out_by_hand():
    tfs, measured = ["tf1", "Tf2", "TF3"], ["TF1", "tf2", "TF3", "g2"]
    assert gene_set(ORDERING, tfs, measured, n_genes=5) == ("G2", "TF1", "TF2")
    everything = [*measured, "G1", "G3"]  # 6 genes: the level is now 0.00167
    assert gene_set(ORDERING, tfs, everything, n_genes=5) == ("G1", "G2", "TF1")
    assert gene_set(ORDERING, tfs, everything, n_genes=1) == ("G2", "TF1")
    assert gene_set(ORDERING, tfs, everything, n_genes=0) == ("TF1",)
    assert gene_set(ORDERING, [], everything, n_genes=2, alpha=1.0) == ("G2", "TF3")
    assert gene_set(ORDERING, tfs, [], n_genes=2) == ()


@given(st.permutations(range(12)), st.integers(0, 12))
def test_the_order_of_the_rows_decides_nothing(order, n_genes):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"gene": [f"G{i}" for i in range(12)], "p": 1e-9, "variance": rng.integers(0, 3, 12) * 1.0})
    tfs, names = ("G0", "G5"), table["gene"]
    assert gene_set(table.iloc[list(order)], tfs, names, n_genes=n_genes) == gene_set(
        table, tfs, names, n_genes=n_genes
    )


def test_edges_lose_copies_and_self_loops_only():
    table = pd.DataFrame([("A", "b"), ("a", "B "), ("A", "A"), ("B", "A"), ("B", "C")], columns=["Gene1", "Gene2"])
    edges = clean_edges(table)
    assert list(edges.itertuples(index=False, name=None)) == [("A", "B"), ("B", "A"), ("B", "C")]
    assert pairs(restrict_edges(edges, ["A", "B"])) == {("A", "B"), ("B", "A")}


@pytest.fixture
def both(archives):
    downloads.pull("beeline-networks")
    downloads.pull("beeline-data")
    return archives


def test_the_folder_is_made_from_the_archives_as_they_are_laid_out(both, grn_home):
    folder = downloads.references_folder()
    assert folder.parent == grn_home / "data" / "made"
    names = {path.name for path in folder.glob("*.tsv.gz")}
    assert len(names) == 2 * (7 * 3 + 1)
    assert {"Lofgof_mESC_TFsplus500.tsv.gz", "Specific_hHEP_TFsplus1000.tsv.gz"} <= names
    edges = pd.read_csv(folder / "STRING_hESC_TFsplus500.tsv.gz", sep="\t")
    assert list(edges.columns) == ["tf", "target"]
    assert pairs(edges) == {("SOX2", "ACTB"), ("POU5F1", "GAPDH"), ("GATA4", "NKG7")}
    counts = pd.read_csv(folder / "summary.csv").set_index(["net", "ds", "set"])
    assert counts.loc[("STRING", "mDC", "TFs+500")].tolist() == [10, 3, 3]


def test_the_benchmark_reads_the_folder(both):
    found = read_reference(f"beeline:{downloads.references_folder()}:mESC:STRING:1000")
    assert pairs(found.edges) == {("SOX2", "ACTB"), ("POU5F1", "GAPDH"), ("GATA4", "NKG7")}


def test_the_folder_is_made_once_and_anew_when_its_sources_change(both, monkeypatch):
    folder = downloads.references_folder()
    with monkeypatch.context() as patch:
        patch.setattr(beeline, "_write_references", lambda *_: pytest.fail("made twice"))
        assert downloads.references_folder() == folder
    path = downloads.held(downloads.find_archive("beeline-networks")).files["Networks/human/STRING-network.csv"]
    path.write_bytes(b"Gene1,Gene2\nSOX2,LYZ\n")
    again = downloads.references_folder()
    assert again != folder
    assert pairs(pd.read_csv(again / "STRING_hESC_TFsplus500.tsv.gz", sep="\t")) == {("SOX2", "LYZ")}


def test_without_the_archives_there_is_no_folder(archives):
    assert downloads.references_folder() is None
    downloads.pull("beeline-networks")
    assert downloads.references_folder() is None


def test_a_broken_table_is_named_and_no_half_folder_is_left(both):
    found = downloads.held(downloads.find_archive("beeline-data")).files["inputs/scRNA-Seq/mDC/GeneOrdering.csv"]
    found.write_bytes(b"gene\nSOX2\n")
    with pytest.raises(DataError, match=r"mDC/GeneOrdering\.csv"):
        downloads.references_folder()
    found.write_bytes(b",VGAMpValue,Variance\nSox2,1e-9,1\n")
    assert (downloads.references_folder() / "summary.csv").is_file()


def test_a_prepared_folder_in_the_settings_is_taken_as_it_is(archives, monkeypatch, tmp_path):
    folder = tmp_path / "own" / "beeline" / "networks"
    folder.mkdir(parents=True)
    (folder / "STRING_hESC_TFsplus500.tsv.gz").write_bytes(b"")
    monkeypatch.setenv("GRN_DATA", str(tmp_path / "own"))
    assert downloads.references_folder() == folder


def test_datasets_whose_files_are_not_here_are_left_out(archives, monkeypatch, tmp_path):
    downloads.pull("beeline-networks")
    found = downloads.pull("beeline-data").files
    for kind in ("ExpressionData", "GeneOrdering"):
        path = tmp_path / "own" / "inputs" / "scRNA-Seq" / "mDC" / f"{kind}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(found[f"inputs/scRNA-Seq/mDC/{kind}.csv"].read_bytes())
    for name, path in downloads.held(downloads.find_archive("beeline-networks")).files.items():
        target = tmp_path / "own" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    monkeypatch.setenv("GRN_DATA", str(tmp_path / "own"))
    monkeypatch.setenv("GRN_HOME", str(tmp_path / "home"))
    names = {path.name.split("_")[1] for path in downloads.references_folder().glob("*.tsv.gz")}
    assert names == {"mDC"}


def _make(home, own, out):
    os.environ.update(GRN_HOME=str(home), GRN_DATA=str(own))
    out.put(str(downloads.references_folder()))


WAIT_S = 120  # two interpreters come up slowly on a busy machine


@pytest.mark.thorough
def test_two_processes_make_one_folder(both, grn_home, tmp_path):
    context = multiprocessing.get_context("spawn")
    out = context.Queue()
    two = [context.Process(target=_make, args=(grn_home, tmp_path / "none", out)) for _ in range(2)]
    for process in two:
        process.start()
    assert len({out.get(timeout=WAIT_S), out.get(timeout=WAIT_S)}) == 1
    for process in two:
        process.join(timeout=WAIT_S)
    assert [path.name[:8] for path in (grn_home / "data" / "made").iterdir() if path.is_dir()] == ["beeline-"]


# Against networks that others derived from the same archives (see the shared folder's own README).

MADE = ("hESC", "hHEP", "mDC", "mESC", "mHSC-E")


def made_by_others(folder, network: str, dataset: str, size: int) -> pd.DataFrame:
    path = folder / "data" / "beeline" / "networks" / f"{network}_{dataset}_TFsplus{size}.tsv.gz"
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)


def networks_of(folder, dataset: str) -> list[str]:
    found = (folder / "data" / "beeline" / "networks").glob(f"*_{dataset}_TFsplus500.tsv.gz")
    return sorted(path.name.split("_")[0] for path in found)


@pytest.mark.shared_data
@pytest.mark.parametrize("dataset", MADE)
def test_networks_of_others_follow_our_rules(shared_data, dataset):
    """No copies, no self loops; TFs+500 is exactly TFs+1000 within the genes of TFs+500."""
    small = {name: made_by_others(shared_data, name, dataset, 500) for name in networks_of(shared_data, dataset)}
    genes = set().union(*(ends(edges) for edges in small.values()))
    assert len(small) == (4 if dataset == "mESC" else 3)
    for name, edges in small.items():
        assert len(clean_edges(edges)) == len(edges)
        assert pairs(restrict_edges(made_by_others(shared_data, name, dataset, 1000), genes)) == pairs(edges)


@pytest.mark.shared_data
@pytest.mark.parametrize("dataset", ["hESC", "hHEP", "mESC", "mHSC-E"])
@pytest.mark.parametrize("size", [500, 1000])
def test_two_copies_of_the_specific_networks_agree_where_they_overlap(shared_data, dataset, size):
    path = shared_data / "data" / "beeline" / "expression" / dataset / "refNetwork.csv"
    other = clean_edges(pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig"))
    edges = clean_edges(made_by_others(shared_data, "Specific", dataset, size))
    common = pairs(restrict_edges(edges, ends(other)))
    assert len(common) > 2000
    assert common == pairs(restrict_edges(other, ends(edges)))


@pytest.mark.shared_data
def test_set_sizes_of_others_are_tfs_and_n_more_as_far_as_genes_vary(shared_data):
    table = pd.read_csv(shared_data / "data" / "beeline" / "networks" / "summary.csv")
    table = table[table["net"] == "STRING"].assign(n=lambda rows: rows["set"].str.removeprefix("TFs+").astype(int))
    more = (table["genes"] - table["TFs"]).to_numpy()
    few = table["ds"].eq("mHSC-L").to_numpy() & table["n"].eq(1000).to_numpy()  # only 632 others vary there
    assert (more[~few] == table["n"].to_numpy()[~few]).all()
    assert more[few].tolist() == [632]


@pytest.mark.shared_data
def test_an_archive_with_the_real_cells_of_mdc_gives_the_real_networks(shared_data, site, monkeypatch, tmp_path):
    """The mDC matrix is complete; every gene of it varies significantly, so TFs+1000 must take all 821 of them."""
    cells = (shared_data / "data" / "beeline" / "expression" / "mDC" / "ExpressionData.csv").read_bytes()
    values = pd.read_csv(shared_data / "data" / "beeline" / "expression" / "mDC" / "ExpressionData.csv", index_col=0)
    variance = values.var(axis=1)
    networks = {name: made_by_others(shared_data, name, "mDC", 1000) for name in networks_of(shared_data, "mDC")}
    tfs = sorted(set(networks["STRING"]["tf"]) & set(values.index))
    stems = {"STRING": "STRING", "Non-Specific": "Non-Specific-ChIP-seq", "Specific": "mDC-ChIP-seq"}
    files = dict(NETWORKS) | {"mouse-tfs.csv": csv(pd.DataFrame({"TF": tfs}), index=False)}
    for name, edges in networks.items():
        loops = edges.assign(target=edges["tf"]).head(5)
        written = pd.concat([edges, loops, edges]).set_axis(["Gene1", "Gene2"], axis=1)
        files[f"Networks/mouse/{stems[name]}-network.csv"] = csv(written, index=False)
    ordering = pd.DataFrame({"VGAMpValue": 1e-12, "Variance": variance})
    folder = tmp_path / "own" / "inputs" / "scRNA-Seq" / "mDC"
    folder.mkdir(parents=True)
    (folder / "ExpressionData.csv").write_bytes(cells)
    (folder / "GeneOrdering.csv").write_bytes(csv(ordering))
    monkeypatch.setenv("GRN_DATA", str(tmp_path / "own"))
    published(monkeypatch, site, tmp_path, {"BEELINE-Networks.zip": zipped(files)})
    downloads.pull("beeline-networks")

    made = downloads.references_folder()
    counts = pd.read_csv(made / "summary.csv").set_index(["net", "set"])
    assert counts.loc[("STRING", "TFs+1000"), "genes"] == len(values) == 821
    for name in networks:
        edges = pd.read_csv(made / f"{name}_mDC_TFsplus1000.tsv.gz", sep="\t", dtype=str, keep_default_na=False)
        assert pairs(edges) == pairs(made_by_others(shared_data, name, "mDC", 500))
        assert len(edges) == len(pairs(edges))
    assert counts.loc[("STRING", "TFs+500"), "genes"] == len(tfs) + 500
    others = variance[~variance.index.isin(tfs)].sort_values(ascending=False).index[:500]
    small = pd.read_csv(made / "STRING_mDC_TFsplus500.tsv.gz", sep="\t", dtype=str, keep_default_na=False)
    assert ends(small) <= {*tfs, *others}
    assert pairs(small) == pairs(restrict_edges(networks["STRING"], {*tfs, *others}))
