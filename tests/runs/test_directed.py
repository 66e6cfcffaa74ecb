"""Networks of extractors that do not tell source -> target from target -> source."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grn_core import cli
from grn_core.networks import build_graph, is_directed
from grn_core.planning import plan
from grn_core.progress import silent
from grn_core.runs import InferRequest, RunStatus, RunStore
from grn_core.runs.jobs import job_kind
from grn_core.runs.kinds.infer import score_of

TFS = ("SPI1", "GATA1", "CEBPA", "KLF1")
GENES = ("ENSG00000066336", "GATA1", "CEBPA", "KLF1", "CD14", "LYZ", "HBB", "CD3E", "ZNF735", "H2AFY", "ACTB", "MPO")
"""One by its id, one by an old name, and one that the model does not know."""


@pytest.fixture
def translator(tmp_path, grn_home, runs_here):
    """A translator of embeddings and gradients, on the bundled model."""
    edges = tmp_path / "edges.tsv"
    names = ["SPI1", *GENES[1:8], "MACROH2A1", *GENES[10:]]
    pairs = [(source, target) for source in TFS for target in names if source != target and len(source + target) % 2]
    edges.write_text("".join(f"{s}\t{t}\n" for s, t in [("source", "target"), *pairs]), encoding="utf-8")
    given = ["--reference", edges, "--name", "mine", "--seeds", 1, "--extractors", "emb,gdt"]
    assert cli.main(["train-translator", *map(str, given)]) == 0
    return "mine"


@pytest.mark.parametrize(("extractors", "directed"), [(("emb",), False), (("gdt",), True), (("emb", "gdt"), True)])
def test_a_run_says_whether_its_edges_have_a_direction(translator, extractors, directed):
    store = RunStore()
    genes = {"dataset_ref": "genes", "genes": GENES, "tfs": ("ENSG00000066336", *TFS[1:])}
    request = InferRequest(translator=translator, extractors=extractors, seeds=(0,), signs="slope", **genes)
    run_id = store.write_request(request)
    store.write_result(run_id, job_kind("infer").run(request, store.path(run_id), silent))
    store.write_status(run_id, RunStatus("done", fraction=1.0))
    score = store.record(run_id)["result"]["score"]
    assert (score["directed"], score["signed"], score["probability"]) == (directed, directed, True)
    assert store.is_directed(run_id) == directed
    edges = store.edges(run_id)
    assert is_directed(edges) == directed
    assert build_graph(edges, max_edges=20).graph["directed"] == directed
    found = edges.set_index(["source_symbol", "target_symbol"])["probability"]
    both = {pair for pair in found.index if pair[::-1] in found.index}
    assert len(both) == 12
    assert all(found[pair] == pytest.approx(found[pair[::-1]], abs=1e-6) for pair in both) != directed


def test_what_a_probability_says_is_that_of_its_extractors():
    """Attention alone has no sign, embeddings neither sign nor direction."""
    asked = plan(signs="slope")
    combinations = (("attn",), ("emb",), ("emb", "pert"), ("gdt", "vvp"))
    found = {names: score_of(replace(asked, extractors=names)) for names in combinations}
    said = {names: (one["signed"], one["directed"]) for names, one in found.items()}
    assert said == {
        ("attn",): (False, True),
        ("emb",): (False, False),
        ("emb", "pert"): (True, True),
        ("gdt", "vvp"): (True, True),
    }
    assert not score_of(replace(asked, extractors=("gdt", "vvp"), signs="none"))["signed"]
    assert found["emb", "pert"]["limits"].startswith("Emb: ")
