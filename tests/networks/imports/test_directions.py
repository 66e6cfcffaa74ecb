"""Which end of an edge is the TF: read as it is said, else asked, never guessed silently."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grn_core.benchmark.references.reference import read_edges
from grn_core.errors import DataError, DoubtfulError
from grn_core.networks.imports import handed, isolated, parse
from grn_core.networks.imports.matched import match

TFS, GENES = ("SPI1", "GATA1", "CEBPA"), ("LYZ", "CD14", "HBB", "MPO")
PAIRS = [(tf, gene) for tf in TFS for gene in GENES]
TURNED = {
    "without a header": "LYZ\tSPI1\t9\nCD14\tSPI1\t3\nHBB\tGATA1\t2\n",
    "under unknown names": "regulated,controlled_by,x\nLYZ,SPI1,9\nCD14,SPI1,3\nHBB,GATA1,2\n",
    "under the wrong names": "source,target,score\nLYZ,SPI1,9\nCD14,SPI1,3\nHBB,GATA1,2\n",
    "of TRRUST": "LYZ\tSPI1\tActivation\t1\nCD14\tSPI1\tUnknown\t2\nHBB\tGATA1\tRepression\t3\n",
    "of SIF": "LYZ\tpd\tSPI1\nCD14\tpd\tSPI1\nHBB\tpd\tGATA1\n",
}
RIGHT = [("SPI1", "LYZ"), ("SPI1", "CD14"), ("GATA1", "HBB")]


@pytest.fixture
def read_here(monkeypatch):
    """Read networks in this process."""

    def apart(path, *, options, **more):
        del more
        found, edges = parse(path, score=options.get("score"))
        return found.title, edges

    monkeypatch.setattr(isolated, "read_apart", apart)


def written(folder, text, name="net.tsv"):
    path = Path(folder) / name
    path.write_text(text, encoding="utf-8")
    return path


def imported(path, **options):
    form, edges = parse(path)
    return match(edges, title=form.title, **options)


def ends(found):
    return list(zip(found.edges["source"], found.edges["target"], strict=True))


@pytest.mark.parametrize("what", TURNED)
def test_edges_that_lead_to_tfs_are_asked_and_turned_as_the_answer_says(tmp_path, what, read_here):
    path = written(tmp_path, TURNED[what], "net.sif" if "SIF" in what else "net.tsv")
    (asked,) = imported(path).questions
    assert asked.about == "direction"
    assert "0 of 3 sources and 2 of 2 targets are known TFs" in asked.why
    assert asked.doubt in imported(path).notes
    assert not imported(path, direction="turned").questions
    assert set(ends(imported(path, direction="turned"))) == set(RIGHT)
    assert set(ends(imported(path, direction="as-written"))) == {(b, a) for a, b in RIGHT}
    with pytest.raises(DoubtfulError, match=r"--direction=turned"):
        isolated.read_network(path)
    assert len(isolated.read_network(path, direction="turned")) == 3
    with pytest.raises(DataError, match="which end of an edge is the TF"):
        read_edges(path, apart=True)


@given(
    pairs=st.lists(st.sampled_from(PAIRS), min_size=2, max_size=8, unique=True),
    names=st.sampled_from(
        (("TF", "target"), ("regulator", "gene"), ("first", "second"), ("from_gene", "to_gene"), None)
    ),
    reverse=st.booleans(),
    delimiter=st.sampled_from("\t,;"),
)
def test_no_edge_is_turned_without_a_word(pairs, names, reverse, delimiter):
    """Whatever the columns are called and in which order they stand: right, or a question, never wrong and silent."""
    order = [1, 0] if reverse else [0, 1]
    lines = [delimiter.join(str(pair[at]) for at in order) for pair in pairs]
    if names is not None:
        lines.insert(0, delimiter.join(names[at] for at in order))
    with TemporaryDirectory() as folder:
        found = imported(written(folder, "\n".join(lines) + "\n", "net.txt"))
        turned = imported(written(folder, "\n".join(lines) + "\n", "net.txt"), direction="turned")
    known = names is not None and names[0] in ("TF", "regulator")
    assert bool(found.questions) == (reverse and not known)
    if known and reverse:
        assert set(ends(turned)) == {(b, a) for a, b in pairs}
    assert set(ends(found)) == set(pairs)
    assert known or found.doubts, "what was told by the genes alone is said"


@pytest.mark.parametrize("word", ["regulated by", "is-regulated-by", "Activated_by", "repressed by", "target of"])
def test_relations_that_name_the_target_first_are_turned(tmp_path, word):
    said = 1 if "ctivated" in word else -1 if "repressed" in word else 0
    for text, name in (
        (f"LYZ\t{word}\tSPI1\nHBB\t{word}\tGATA1\n", "net.sif"),
        (f"source,interaction,target\nLYZ,{word},SPI1\nHBB,{word},GATA1\n", "net.csv"),
    ):
        found = imported(written(tmp_path, text, name))
        assert set(ends(found)) == {("SPI1", "LYZ"), ("GATA1", "HBB")}
        assert set(found.edges["sign"]) == {said}
        assert not found.questions


def test_an_unknown_header_above_tfs_alone_is_asked(tmp_path):
    text = "first,second\nSPI1,GATA1\nCEBPA,SPI1\n"
    assert [one.about for one in imported(written(tmp_path, text, "net.csv")).questions] == ["direction"]
    assert not imported(written(tmp_path, text.replace("first,second", "TF,target"), "net.csv")).questions


def test_what_was_guessed_survives_the_way_out_of_the_reader(tmp_path):
    handed.read_into(written(tmp_path, TURNED["under unknown names"]), tmp_path, {})
    _, edges = handed.load(tmp_path)
    assert edges.ends == ("regulated", "controlled_by")
