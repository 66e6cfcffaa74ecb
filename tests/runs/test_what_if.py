"""What if, as a run and as a command."""

from __future__ import annotations

import io
import json
import sys

import pandas as pd
import pytest

import grn_core as grn
from grn_core.cli import main
from grn_core.cli import what_if as what_if_command
from grn_core.cli.command import command_of
from grn_core.cli.parser import requests_of
from grn_core.errors import DataError, GrnError, RequestError
from grn_core.experiments.bundled import bundled, bundled_of
from grn_core.experiments.uploads import store_measured
from grn_core.progress import silent
from grn_core.runs import RunStore, WhatIfRequest
from grn_core.runs.jobs import job_kind
from grn_core.runs.kinds.panel import GENES_ONLY
from grn_core.runs.kinds.what_if import GENES, MEASURED
from grn_core.runs.names import name_of
from grn_core.settings import settings
from tests.models.published import FIXTURES
from tests.pages.fabricated_run import fabricate_run

NAMES = ("SPI1", "GATA1", "CEBPA", "LYZ", "CD14", "NKG7", "TYROBP", "CTSS")
ASKED = {"dataset_ref": GENES_ONLY, "genes": NAMES}


def test_a_run_holds_what_the_engine_says_and_the_measurement_beside_it(tmp_path):
    cells = grn.demo("pbmc68k")
    table = tmp_path / "measured.csv"
    panel = cells.panel(n_variable=40, tfs=("SPI1", "IRF8"))
    lines = [f"{gene},{0.1 * number - 2}" for number, gene in enumerate(panel.labels)]
    table.write_text("\n".join(["gene,log2FoldChange", *lines]), encoding="utf-8")
    request = WhatIfRequest(
        dataset_ref=cells.ref,
        dataset_sha=cells.sha256,
        n_variable=40,
        tfs=("SPI1", "IRF8"),
        changed=("SPI1",),
        measured=store_measured(table.name, io.BytesIO(table.read_bytes())),
    )
    summary = job_kind("what-if").run(request, tmp_path, silent)
    found = pd.read_parquet(tmp_path / GENES)
    wanted = grn.what_if(panel, ["SPI1"])
    pd.testing.assert_frame_equal(found, wanted, check_dtype=False)
    assert summary["genes"] == len(found) == len(panel.genes) - 1
    assert summary["measured"]["n_measured"] == len(pd.read_parquet(tmp_path / MEASURED)) == len(found)
    assert summary["measured"]["n_others"] == 1
    assert "the controls" in summary["measured"]["words"][0]
    json.dumps(summary, allow_nan=False)


def test_the_order_of_tfs_and_a_share_that_means_nothing_take_no_part():
    first = WhatIfRequest(**ASKED, changed=("SPI1", "GATA1"), left=0.5)
    assert first == WhatIfRequest(**ASKED, changed=("GATA1 ", "SPI1", "SPI1"))
    assert first != WhatIfRequest(**ASKED, changed=("SPI1", "GATA1"), change="knock-down", left=0.5)
    assert not first.reads_cells


def kept(name: str, value: int) -> str:
    path = settings().home / "measured" / f"{name}.0123456789ab.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"gene,logFC\nLYZ,{value}\n", encoding="utf-8")
    return path.name


def test_the_measurement_counts_by_its_content_and_is_called_by_its_name():
    same = [kept("a", 1), kept("b", 1)]
    ids = [WhatIfRequest(**ASKED, changed=("SPI1",), measured=name).run_id() for name in same]
    assert ids[0] == ids[1] != WhatIfRequest(**ASKED, changed=("SPI1",)).run_id()
    assert WhatIfRequest(**ASKED, changed=("SPI1",), measured=kept("b", 2)).run_id() != ids[0]
    asked = WhatIfRequest(**ASKED, changed=("SPI1",), measured=str(settings().home / "measured" / same[0]))
    assert asked.measured == same[0], "no path of this machine is kept or shown"
    assert str(settings().home) not in json.dumps(asked.to_json()) + " ".join(command_of(asked))
    gone = WhatIfRequest(**ASKED, changed=("SPI1",), measured="/srv/secret/t.csv")
    with pytest.raises(GrnError, match=r"'t\.csv' here") as refused:
        gone.check()
    assert "/srv" not in str(refused.value)


def test_a_group_is_apart_from_the_cells_that_choose_the_genes():
    cells = {"dataset_ref": "pbmc68k", "dataset_sha": "d", "changed": ("SPI1",), "background": "context"}
    group = ("bulk_labels", ("CD14+ Monocyte",))
    same = WhatIfRequest(**cells, cells=group)
    assert WhatIfRequest(**cells, cells=group, group=group) == same
    assert "group" not in same.decides()
    apart = WhatIfRequest(**cells, group=group)
    assert (apart.cells, apart.group) == (None, group)
    assert "group" in apart.decides()
    demo = grn.demo("pbmc68k")
    assert (apart.group_mask(demo) == same.group_mask(demo)).all()
    with pytest.raises(RequestError, match="group"):
        WhatIfRequest(**{**cells, "background": "virtual"}, group=group)


@pytest.mark.parametrize(
    "options",
    [
        {"changed": ()},
        {"changed": ("SPI1",), "background": "context"},
        {"changed": ("SPI1",), "donor": "d"},
        {"changed": ("SPI1",), "change": "nothing"},
        {"changed": ("SPI1",), "n_draws": 1},
    ],
)
def test_what_no_worker_could_compute_is_refused(options):
    with pytest.raises(RequestError):
        WhatIfRequest(**ASKED, **options)


@pytest.mark.geneformer
def test_what_model_cannot_be_asked_is_refused_before_there_is_a_run():
    ranks = str(FIXTURES / "geneformer_v2" / "Geneformer-V2-104M")
    with pytest.raises(GrnError, match="cannot be asked what if"):
        WhatIfRequest(**ASKED, changed=("SPI1",), model=ranks).check()


def test_what_readout_cannot_be_asked_is_refused_before_there_is_a_run():
    cells = {"dataset_ref": "pbmc68k", "dataset_sha": "d"}
    with pytest.raises(RequestError, match="hides the other genes"):
        WhatIfRequest(**cells, changed=("SPI1",), background="context", readout="masked").check()
    WhatIfRequest(**cells, changed=("SPI1",), background="context").check()


def test_the_command_writes_the_ranked_genes_and_says_what_they_are_worth(runs_here, tmp_path, capsys):
    words = ["what-if", "--gene-list", ",".join(NAMES), "--tf", "SPI1,CEBPA", "--change", "over-expression"]
    assert main([*words, "-o", str(tmp_path / "genes.tsv")]) == 0
    said = capsys.readouterr().err
    assert "Uncertainty is" in said
    assert "times as well as a guess" in said
    table = pd.read_csv(tmp_path / "genes.tsv", sep="\t")
    assert set(table["gene"]) == set(NAMES) - {"SPI1", "CEBPA"}
    (info,) = RunStore().list_runs()
    assert isinstance(info.request, WhatIfRequest)
    assert main([*words[:4], "LYZ"]) == 2
    assert "LYZ is no TF of this question" in capsys.readouterr().err
    assert main([*words[:3]]) == 2
    assert "no TF was named" in capsys.readouterr().err
    by_place, by_option = (requests_of(["what-if", "pbmc68k", asked]) for asked in ("SPI1,CEBPA", "--tf=CEBPA,SPI1"))
    assert by_place == by_option
    assert main([*words[:4], "SPI1", "--left", "0.5"]) == 2
    assert main([*words[:4], "SPI1", "--measured", "nowhere.csv"]) == 2
    assert "no table of that name" in capsys.readouterr().err


def test_a_prediction_stands_where_the_measurement_does_not_fit(tmp_path):
    name = store_measured("few.csv", io.BytesIO(b"gene,logFC\nLYZ,1\nCD14,-1\n"))
    request = WhatIfRequest(**ASKED, changed=("SPI1",), measured=name)
    summary = job_kind("what-if").run(request, tmp_path, silent)
    assert "2 of the 7 predicted genes are in the table" in summary["not_compared"]
    assert "measured" not in summary
    assert len(pd.read_parquet(tmp_path / GENES)) == len(NAMES) - 1


def test_a_measurement_that_cannot_be_read_fails_the_run_before_the_model_is_asked(tmp_path, monkeypatch):
    def asks(*_: object, **__: object) -> None:
        pytest.fail("the model was loaded first")

    monkeypatch.setattr("grn_core.models.load.resident_model", asks)
    name = store_measured("few.csv", io.BytesIO(b"gene,logFC\nLYZ,1\nCD14,-1\n"))
    (settings().home / "measured" / name).write_text("nothing of a table", encoding="utf-8")
    with pytest.raises(DataError):
        job_kind("what-if").run(WhatIfRequest(**ASKED, changed=("SPI1",), measured=name), tmp_path, silent)


def test_a_bundled_measurement_is_taken_by_its_name_in_a_run_and_in_python(tmp_path):
    (one,) = (bundled()[name] for name in bundled_of(["ATF3"]))
    genes = ("ATF3", *(gene for gene in pd.read_csv(one.path, sep="\t")["gene"][:60]))
    request = WhatIfRequest(dataset_ref=GENES_ONLY, genes=genes, changed=("ATF3",), measured=one.name)
    assert "measured" in request.hashes()
    assert name_of(request).split(" · ")[2] == "beside the measured knock-out of ATF3"
    summary = job_kind("what-if").run(request, tmp_path, silent)
    assert one.source in summary["measured"]["words"]
    found = grn.what_if(request.panel(), ["ATF3"], measured=one.name)
    assert found.attrs["measured"] == summary["measured"]
    both = pd.read_parquet(tmp_path / MEASURED)
    assert found["measured"].notna().sum() == both["measured"].notna().sum() == summary["measured"]["n_measured"]
    assert found["rank"].is_monotonic_increasing
    other = grn.what_if(grn.demo("pbmc68k").panel(n_variable=40, tfs=("SPI1", "IRF8")), ["SPI1"], measured=one.name)
    assert "is of ATF3, not of SPI1" in other.attrs["not_compared"]


def test_a_network_without_repression_is_refused_before_a_model_is_asked(tmp_path, monkeypatch):
    def loaded(*_, **__):
        pytest.fail("the model was loaded")

    monkeypatch.setattr("grn_core.models.load.resident_model", loaded)
    run = fabricate_run(signs="none")
    with pytest.raises(RequestError, match="names no repression"):
        job_kind("what-if").run(WhatIfRequest(**ASKED, changed=("SPI1",), propagate=run), tmp_path, silent)
    with pytest.raises(RequestError, match="names no repression"):
        grn.what_if(grn.demo("pbmc68k"), ["SPI1"], propagate=RunStore().edges(run))


def test_a_tf_by_its_id_and_by_its_symbol_is_one_question(monkeypatch):
    asked = []
    monkeypatch.setattr(what_if_command, "computed", lambda request, **_: asked.append(request) or sys.exit(0))
    for tf in ("SPI1", "spi1", "ENSG00000066336", "PU.1", "Spi1"):
        with pytest.raises(SystemExit):
            main(["what-if", f"--gene-list={','.join(NAMES)}", f"--tf={tf}"])
    assert len({request.run_id() for request in asked}) == 1
    assert {request.changed for request in asked} == {("SPI1",)}
