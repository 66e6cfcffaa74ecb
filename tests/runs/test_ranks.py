"""Runs of a rank model: a readout and no translator."""

from __future__ import annotations

import pandas as pd
import pytest

from grn_core import inference
from grn_core.cli import main
from grn_core.datasets import genes_only
from grn_core.errors import ModelError, RequestError
from grn_core.extractors.ranks import rank_edges
from grn_core.models.load import load_model
from grn_core.runs import RanksRequest
from grn_core.runs.jobs import job_kind
from tests.models.published import FIXTURES

pytestmark = pytest.mark.geneformer
FOLDER = str(FIXTURES / "geneformer_v2" / "Geneformer-V2-104M")


def request(**options):
    genes = load_model(FOLDER, device="cpu").vocabulary[:12]
    given = {"model": FOLDER, "readout": "embedding", "genes": genes, "tfs": genes[:3]}
    return RanksRequest(dataset_ref="genes", **{**given, **options})


def test_a_run_has_the_edges_of_the_readout_and_says_what_a_score_is(tmp_path):
    asked, steps = request(), []
    summary = job_kind("ranks").run(asked, tmp_path, lambda *step: steps.append(step))
    edges = pd.read_parquet(tmp_path / "edges.parquet")
    model = load_model(FOLDER, device="cpu")
    panel = genes_only(asked.genes, tfs=asked.tfs, vocabulary=model.vocabulary)
    pd.testing.assert_frame_equal(edges, rank_edges(model, panel, "embedding"), check_dtype=False)
    pd.testing.assert_frame_equal(edges, inference.infer(panel, model=model, readout="embedding"), check_dtype=False)
    assert (summary["edges"], summary["sources"], summary["genes"]) == (33, 3, 12)
    assert summary["score"]["unit"] == "cosine, -1 to 1"
    assert (summary["score"]["signed"], summary["score"]["directed"]) == (False, False)
    assert {stage for stage, *_ in steps} == {"read", "load", "extract"}


def test_the_id_follows_from_what_is_asked():
    one = request()
    assert request(genes=one.genes[1:]).run_id() != one.run_id()
    cells = {"dataset_ref": "pbmc68k", "dataset_sha": "0" * 64, "model": FOLDER}
    found = {name: RanksRequest(readout=name, **cells).run_id() for name in (None, "delete", "attention")}
    assert found[None] == found["delete"] != found["attention"]


def test_what_cannot_be_asked_is_refused_before_any_work():
    with pytest.raises(RequestError, match=r"'delete' was asked of a gene list without cells.*readout embedding"):
        request(readout=None).run_id()
    with pytest.raises(RequestError, match=r"no readout 'mlm'.*delete, move-to-front"):
        request(readout="mlm").run_id()
    with pytest.raises(RequestError, match="needed: a rank model"):
        request(model="compact", readout=None).run_id()
    with pytest.raises(ModelError, match="no foundation model"):
        request(model="nowhere").run_id()


def test_options_of_translators_are_refused_on_the_command_line(tmp_path, capsys):
    genes = tmp_path / "genes.txt"
    genes.write_text("GATA1\nTP53\n")
    for option in (["--extractors", "vvp"], ["--background", "context"]):
        assert main(["infer", "--genes", str(genes), "--model", FOLDER, *option]) == 2
        said = capsys.readouterr().err
        assert f"{option[0]} was given with" in said
        assert "no values" in said
    assert main(["infer", "--genes", str(genes), "--model", FOLDER, "--translator", "omnipath"]) == 2
    assert "'omnipath' was trained on the model 'compact' and cannot read" in capsys.readouterr().err


def test_genes_that_a_rank_model_does_not_know_are_left_out_and_named():
    model, told = load_model(FOLDER, device="cpu"), []
    known = request().genes
    panel = genes_only([*known, "ZZZ3", "KRTAP5-1"], tfs=[*known[:3], "ZZZ3"])
    assert not {"ZZZ3", "KRTAP5-1"} & set(model.vocabulary)
    edges = inference.infer(panel, model=model, readout="embedding", note=told.append)
    assert len(edges) == 33
    assert "2 of the 14 genes" in told[0]
    assert "these TFs are among them: ZZZ3." in told[0]
