"""Enrichment: the numbers are scipy's and those of a count by hand; sets of a user are data."""

from __future__ import annotations

import gzip
import io
import math
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import grn_core as grn
from grn_core.benchmark.references.gene_sets import gene_sets, reference_regulons, store_gene_sets, stored_gene_sets
from grn_core.benchmark.references.known import known_networks
from grn_core.cli import main
from grn_core.cli.export import genes_of
from grn_core.errors import DataError, GeneError, RequestError
from grn_core.files import read_json
from grn_core.networks import GeneNames
from grn_core.networks import gmt_sets as apart
from grn_core.networks.enrichment import enrichment
from grn_core.networks.gmt_sets import read_gene_sets
from grn_core.progress import silent
from grn_core.runs import ImportRequest, RunStatus, RunStore
from grn_core.runs.enriched import of_genes, of_tf, universe_of
from grn_core.runs.jobs import job_kind
from tests.pages.fabricated_run import fabricate_run

GENES = [f"G{n}" for n in range(40)]
subsets = st.sets(st.sampled_from(GENES), min_size=1)


@given(
    st.lists(st.sampled_from(GENES), min_size=1, unique=True),
    st.dictionaries(st.text(max_size=3), subsets),
    subsets,
    st.booleans(),
)
def test_it_is_fishers_exact_test_within_the_universe(chosen, sets, universe, only_held):
    known = set().union(*sets.values()) & universe if only_held else universe
    try:
        found = enrichment(chosen, sets, universe=universe, only_held=only_held)
    except GeneError:
        assert not known & set(chosen) or all(len(one & known) < 3 for one in sets.values())
        return
    assert found.n_universe == len(known)
    assert {*found.table["set"], *found.untested} == set(sets)
    assert set(found.untested) == {name for name, one in sets.items() if len(one & known) < 3}
    assert found.n_chosen + found.n_left_out == len(chosen)
    for row in found.table.itertuples():
        members = sets[row.set] & known
        inside = members & set(chosen)
        others = len(known & set(chosen)) - len(inside)
        table = [[len(inside), others], [len(members) - len(inside), len(known) - len(members) - others]]
        assert row.p == pytest.approx(stats.fisher_exact(table, alternative="greater").pvalue, rel=1e-6)
        assert row.share == pytest.approx(len(inside) / found.n_chosen)
        assert row.precision_at_k == pytest.approx(len(inside) / len(chosen))
        assert row.chance == pytest.approx(len(members) / len(known))
        assert sorted(filter(None, row.genes.split(", "))) == sorted(inside)
    np.testing.assert_allclose(found.table["p_adjusted"], stats.false_discovery_control(found.table["p"]))
    n, p = len(found.table), found.table["p"].to_numpy()
    by_hand = [min(1.0, *(p[later] * n / (later + 1) for later in range(place, n))) for place in range(n)]
    np.testing.assert_allclose(found.table["p_adjusted"], by_hand)  # Benjamini and Hochberg 1995, the step up
    assert found.table["p"].is_monotonic_increasing


def test_a_set_alone_is_tested_against_all_genes_that_could_be_chosen(tmp_path):
    """The union of a few sets is no universe: a single one would be found as often by chance as not."""
    path = tmp_path / "mine.gmt"
    path.write_text("MONO\t\tLYZ\tCD14\tFCN1\tS100A8\nother\t\tKLF1\nKLF\t\tKLF2\tKLF3\n", encoding="utf-8")
    universe = ["LYZ", "CD14", "FCN1", "S100A8", *(f"KLF{n}" for n in range(1, 18))]
    found = grn.enrich(["LYZ", "CD14", "KLF1"], str(path), universe=universe)
    assert (found.n_universe, found.n_sets, found.untested) == (21, 1, ("KLF", "other"))
    assert found.table["p"].iloc[0] == pytest.approx(stats.hypergeom.sf(1, 21, 4, 3))
    assert found.words == (
        "3 genes against 1 set, in a universe of 21 genes that could have been chosen. "
        "2 sets have fewer than 3 genes there and take no part: KLF, other."
    )


def test_every_tf_of_every_bundled_reference_is_a_set():
    sets = reference_regulons()
    assert len(sets) == sum(len(one.sources) for one in known_networks())
    assert sum(map(len, sets.values())) == sum(len(one.edges) for one in known_networks())
    targets = [target for (source, target) in known_networks()[0].edges if source == "SPI1"]
    assert grn.enrich(targets).table["set"].iloc[0] == "SPI1 (OmniPath)"


GMT = "MONO\thttp://x\tLYZ\tCD14\tS100A8,2.0\nHALLMARK_E2F_TARGETS\t\tMCM2\tPCNA\tnobody\n=cmd()\tna\tSpi1\nempty\tna\n"


def test_sets_of_a_file_are_matched_and_keep_their_names(tmp_path):
    plain, packed = tmp_path / "a.gmt", tmp_path / "b.gmt.gz"
    plain.write_text(GMT + "MONO\tagain\tFCN1\n", encoding="utf-8")
    packed.write_bytes(gzip.compress(GMT.encode("utf-16")))
    found = read_gene_sets(plain, species="human")
    assert found == {
        "MONO": {"LYZ", "CD14", "S100A8"},
        "HALLMARK_E2F_TARGETS": {"MCM2", "PCNA"},
        "=cmd()": {"SPI1"},
        "empty": frozenset(),
        "MONO (2)": {"FCN1"},
    }
    assert read_gene_sets(packed, species="human")["MONO"] == found["MONO"]
    name = store_gene_sets("mine.gmt", io.BytesIO(GMT.encode()))
    assert stored_gene_sets() == {name: "mine.gmt"}
    assert gene_sets(name)["MONO"] == found["MONO"]


@pytest.mark.parametrize(
    "content", [b"", b"one\ttwo\n", b"A\tb\tnobody\tnothing\n", b"\x1f\x8bno gzip", b"\xff\xfe\xff"]
)
def test_what_holds_no_sets_is_refused_and_not_kept(content):
    with pytest.raises(DataError):
        store_gene_sets("odd.gmt", io.BytesIO(content))
    assert not stored_gene_sets()


def test_the_names_of_a_file_are_matched_by_its_reader_alone(tmp_path, monkeypatch):
    """However many there are: what comes back are canonical symbols."""
    monkeypatch.setattr("grn_core.networks.gmt_sets.match_genes", lambda *_, **__: pytest.fail("matched here"))
    path = tmp_path / "sets.gmt"
    path.write_text("A\t\tLyz2\tSpi1\tGata1\tCd14\nA\t\tGata1\tunknown1\nB\t\tunknown2\n", encoding="utf-8")
    assert read_gene_sets(path, species="mouse") == {"A": {"SPI1", "GATA1", "CD14"}, "A (2)": {"GATA1"}, "B": set()}
    with pytest.raises(GeneError, match="species"):
        read_gene_sets(path, species="yeast")


@pytest.mark.parametrize("species", ["human", "mouse"])
def test_no_set_of_a_file_is_lost_without_a_word(tmp_path, species):
    """In a file of both species the names of one are known: the sets of the other are tested or named as untested."""
    human = {"human one": "SPI1\tGATA1\tCD14\tMYC", "human two": "JUN\tFOS\tSTAT1"}
    mouse = {name.replace("human", "mouse"): genes.title() for name, genes in human.items()}
    sets = human | mouse | {"of nothing": "nobody\tnothing"}
    path = tmp_path / "both.gmt"
    sets |= {"without genes": ""}
    path.write_text("".join(f"{name}\t\t{genes}\r\n" for name, genes in sets.items()), encoding="utf-8")
    read = read_gene_sets(path, species=species)
    assert set(read) == set(sets)
    universe = set().union(*read.values()) | {"LYZ"}
    found = enrichment(["SPI1", "GATA1"], read, universe=universe, only_held=False)
    assert {*found.table["set"], *found.untested} == set(sets)
    assert all(name in found.words for name in ("of nothing", "without genes"))
    alone = enrichment(["SPI1"], {"all": universe, "none": set()}, universe=universe)
    assert "1 set has fewer than 3 genes there and takes no part" in alone.words


@pytest.mark.parametrize("length", [7, 290])
def test_more_names_than_genes_are_refused_before_they_are_matched(tmp_path, monkeypatch, length):
    matched = []
    monkeypatch.setattr(apart, "match_genes", lambda names, **_: matched.append(names))
    monkeypatch.setattr(apart, "MOST_NAMES", 500)
    (tmp_path / "a.gmt").write_text("A\t\t" + "\t".join(f"{n:0{length}}x" for n in range(501)), encoding="utf-8")
    with pytest.raises(DataError, match="more than 500 different names"):
        apart.read_into(tmp_path / "a.gmt", tmp_path, {"species": None})
    assert not matched


def test_an_upload_of_sets_is_bounded_before_it_is_read(monkeypatch):
    monkeypatch.setattr(apart, "MOST_BYTES", 50)
    with pytest.raises(DataError, match="at most"):
        store_gene_sets("mine.gmt", io.BytesIO(GMT.encode()))
    assert not stored_gene_sets()


def test_what_a_reader_leaves_is_not_trusted(tmp_path):
    (tmp_path / "a.gmt").write_text("A\t\tSPI1\tGATA1\n", encoding="utf-8")
    for what, wrong in (("genes", [0, 2]), ("genes", [0, -1]), ("ends", [3]), ("ends", [1, 2])):
        apart.read_into(tmp_path / "a.gmt", tmp_path, {"species": "human"})
        np.save(tmp_path / f"{what}.npy", np.array(wrong))
        with pytest.raises(TypeError):
            apart._load(tmp_path)


def test_a_tf_and_chosen_genes_of_a_run(tmp_path, capsys):
    run = fabricate_run(signs="none")
    edges = RunStore().edges(run)
    best = edges.query("source == 'G01'").head(5)["target"].tolist()
    symbols = ["LYZ", "CD14", "S100A8", "S100A9", "FCN1"]
    others = [f"KLF{n}" for n in range(1, 18)]
    wanted = dict(zip(best, symbols, strict=True)) | dict(
        zip([gene for gene in dict.fromkeys(edges["target"]) if gene not in best], others, strict=False)
    )
    named = edges.assign(target_symbol=edges["target"].map(wanted).fillna("X"))
    path = tmp_path / "sets.gmt"
    path.write_text("MONO\t\t" + "\t".join(symbols) + "\nKLF\t\t" + "\t".join(others) + "\n", encoding="utf-8")
    found = of_tf(named, "G01", sets=str(path), best=5)
    assert found.table["set"].iloc[0] == "MONO"
    assert found.table["share"].iloc[0] == 1.0
    assert found.n_universe == named.query("source == 'G01'")["target_symbol"].nunique()
    assert found.table["genes"].iloc[0].split(", ") == best, "genes are called as the run calls them"
    genes = GeneNames(labels=(*best, "own"), symbols=(*symbols, "X"), ids=("",) * 6)
    chosen = of_genes(genes, best[::-1], sets=str(path)).table
    assert chosen.query("set == 'MONO'")["genes"].item().split(", ") == best[::-1]
    with pytest.raises(GeneError, match="no TF 'nobody'"):
        of_tf(named, "nobody", sets=str(path))
    with pytest.raises(RequestError, match="are all that"):
        of_tf(named, "G01", sets=str(path), best=29)
    with pytest.raises(GeneError, match="no gene nobody"):
        of_genes(RunStore().gene_names(run), ["nobody"], sets=str(path))
    assert main(["enrich", run, "--tf", "G01", "--best", "5", "--gene-list", "G01"]) == 2
    assert main(["enrich", run, "--gene-list", "G01,G02", "--sets", str(tmp_path / "gone")]) == 2
    assert main(["enrich", run, "--tf", "G01", "--best", "5"]) == 2
    assert "0 of 5 genes" in capsys.readouterr().err


def test_an_imported_network_lists_what_was_found_so_all_its_genes_are_the_universe(tmp_path, capsys):
    found = ["LYZ", "CD14", "FCN1", "S100A8"]
    rows = [("SPI1", gene) for gene in found] + [("GATA1", f"KLF{n}") for n in range(1, 18)]
    file, sets = tmp_path / "edges.tsv", tmp_path / "sets.gmt"
    file.write_text("".join(f"{tf}\t{gene}\t{n}\n" for n, (tf, gene) in enumerate([("TF", "target"), *rows])))
    sets.write_text("MONO\t\t" + "\t".join(found) + "\nKLF\t\tKLF1\tKLF2\tKLF3\tKLF4\tKLF5\n", encoding="utf-8")
    store, request = RunStore(), ImportRequest.of(file)
    run = store.write_request(request)
    store.write_result(run, job_kind(request.kind).run(request, store.path(run), silent))
    store.write_status(run, RunStatus("done", fraction=1.0))
    every = universe_of(run)
    assert every == {"SPI1", "GATA1", *(gene for _, gene in rows)}
    best = of_tf(store.edges(run), "SPI1", sets=str(sets), best=50, universe=every)
    assert best.n_universe == 22, "an edge of a gene to itself is none"
    assert best.table["set"].iloc[0] == "MONO"
    assert best.table["p"].iloc[0] == pytest.approx(1 / math.comb(22, 4))  # 4 of 22, all of them
    with pytest.raises(RequestError, match="are all that GATA1 was asked"):
        of_tf(store.edges(run), "GATA1", sets=str(sets), best=50, universe=every - set(found) - {"SPI1"})
    assert universe_of(fabricate_run()) is None
    assert main(["enrich", run, "--tf", "SPI1", "--sets", str(sets)]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("MONO\t4\t1\t1\t")


def test_names_that_no_table_knows_are_chosen_genes_that_take_no_part():
    genes = ["STAT1", "NOBODY1", "IRF1", "NOBODY2", "IRF9"]
    found = grn.enrich(genes)
    assert (found.n_chosen, found.n_left_out) == (3, 2)
    row = found.table.set_index("set").loc["STAT1 (OmniPath)"]
    assert row["precision_at_k"] == pytest.approx(row["overlap"] / len(genes))


@given(names=st.lists(st.sampled_from(["A", "A (2)", "A (3)", "A (2) (2)", "B"]), min_size=1, max_size=7))
def test_sets_of_one_name_stay_apart_whatever_others_are_called(tmp_path_factory, names):
    """The second A was called ``A (2)`` where a set of that name was there, which was lost then."""
    folder = tmp_path_factory.mktemp("sets")
    (folder / "mine.gmt").write_text("".join(f"{name}\t\tSPI1\n" for name in names))
    apart.read_into(folder / "mine.gmt", folder, {"species": "human"})
    kept = read_json(folder / apart.SETS)["names"]
    assert len(kept) == len(set(kept)) == len(names)
    first = [names.index(name) for name in set(names)]
    assert all(kept[place] == names[place] for place in first)


def test_a_gene_whose_name_holds_a_comma_can_be_named():
    names = GeneNames(("H2A,FY", "LYZ"), ("H2A,FY", "LYZ"), ("", ""))
    assert genes_of('"H2A,FY", LYZ,LYZ', names) == ("H2A,FY", "LYZ")
    with pytest.raises(RequestError, match="the run has no gene H2A, FY"):
        genes_of("H2A,FY", names)


@pytest.mark.parametrize("terminal", [True, False])
def test_a_name_of_a_file_is_no_command_to_a_terminal(tmp_path, capsys, monkeypatch, terminal):
    """A set of an upload could colour a terminal, or write over what stood there; a pipe has the name as it is."""
    (tmp_path / "mine.gmt").write_text("RED\x1b[31m\td\tG01\tG02\tG03\n".replace("G0", "KLF"))
    run = fabricate_run(name_of_gene="KLF{}")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    assert main(["enrich", run, "--gene-list=KLF1,KLF2", f"--sets={tmp_path / 'mine.gmt'}"]) == 0
    first = capsys.readouterr().out.splitlines()[1].split("\t")[0]
    assert first == ("RED\\u001b[31m" if terminal else "RED\x1b[31m")
