"""The real kinds of work, with stand-ins for the parts that take long."""

from __future__ import annotations

import json
import shutil
import sys

import numpy as np
import pandas as pd
import pytest

from grn_core import datasets
from grn_core.errors import GrnError, TranslatorError
from grn_core.executors import HERE
from grn_core.runs import InferRequest, RunStatus, UmapRequest, manager, worker
from grn_core.runs.kinds.panel import GENES_ONLY
from grn_core.runs.tracker import Tracker
from grn_core.translator.registry import DEFAULT
from tests.models.published import FIXTURES
from tests.translator.toy_features import make_spec, random_translator

PBMC = "pbmc68k"


def compute(store, request) -> tuple[str, RunStatus]:
    """Run the worker in this process."""
    run_id = store.write_request(request)
    store.write_status(run_id, RunStatus("queued"))
    code = worker.main([run_id, "--home", str(store.root.parent)])
    status = store.status(run_id)
    assert code == (0 if status.state == "done" else 1)
    return run_id, status


@pytest.fixture
def asked(monkeypatch, stand_ins):
    """What the job asked of `grn_core.inference.infer_planned`, which is replaced by a table of one edge."""
    calls = []

    def infer(panel, plan, **options):
        calls.append({"panel": panel, "plan": plan, **options})
        options["progress"]("extract", 1, 1)
        options["note"]("The memory ran out.")
        edges = pd.DataFrame({"source": ["SPI1"], "target": ["CEBPA"], "score": [1.0], "probability": [0.7]})
        edges.attrs["device"] = "CPU (2 cores)"
        return edges

    monkeypatch.setattr(sys.modules["grn_core.inference"], "infer_planned", infer)
    return calls


def request(**options) -> InferRequest:
    dataset = datasets.load(PBMC)
    return InferRequest(**{"dataset_ref": PBMC, "dataset_sha": dataset.sha256, "title": dataset.title, **options})


@pytest.fixture
def checkpoint(tmp_path):
    """A checkpoint folder of the user's, and a translator (random) of that model by the name "mine"."""
    from grn_core.models.load import load_model
    from grn_core.models.weights import network_digest
    from grn_core.translator.registry import own_folder

    folder = tmp_path / "checkpoint"
    shutil.copytree(FIXTURES / "scgpt_flash_pad", folder)
    model = load_model(folder, device="cpu")
    digest, record = network_digest(model), model.record
    spec = make_spec(("A", "B"), (0,), record.grid, model=record.name, model_sha=digest, readout="generative")
    random_translator(spec, seeds=(0, 1)).save(own_folder("mine"))
    return folder


def genes_of(model, n=40) -> tuple[str, ...]:
    from grn_core.models.registry import vocabulary

    return vocabulary(str(model))[:n]


def asks_folder(folder, **options) -> InferRequest:
    given = {"dataset_ref": GENES_ONLY, "genes": genes_of(folder), "model": str(folder), "translator": "mine"}
    return InferRequest(**{**given, "seeds": (0, 1), **options})


def test_a_checkpoint_folder_works_as_a_bundled_model_does(store, checkpoint):
    run_id, status = compute(store, asks_folder(checkpoint))
    assert status.state == "done", status
    edges, result = store.edges(run_id), store.record(run_id)["result"]
    assert len(edges) == result["edges"] == result["sources"] * 39 > 0
    assert edges["probability"].between(0, 1).all()
    assert result["units"].startswith("expression bins")
    assert result["device"].startswith(("CPU", "CUDA", "MPS"))


def test_the_run_id_of_a_folder_follows_its_content_and_not_its_place(checkpoint, tmp_path):
    shutil.copytree(checkpoint, tmp_path / "copy")
    before = asks_folder(checkpoint).run_id()
    assert asks_folder(tmp_path / "copy").run_id() == before
    settings = json.loads((checkpoint / "args.json").read_text())
    (checkpoint / "args.json").write_text(json.dumps(settings | {"n_bins": 41}))
    assert asks_folder(checkpoint).run_id() != before


def test_a_panel_beyond_the_models_context_is_noted_in_the_record(store, checkpoint):
    settings = json.loads((checkpoint / "args.json").read_text())
    (checkpoint / "args.json").write_text(json.dumps(settings | {"max_seq_len": 31}))
    few = asks_folder(checkpoint, tfs=genes_of(checkpoint)[:2], extractors=("gdt",))
    for readout, noted in (("generative", False), ("mlm", True)):
        _rename_readout(readout)
        run_id, status = compute(store, few)
        assert status.state == "done", status
        notes = " ".join(store.record(run_id)["result"]["notes"])
        assert ("reads 30 genes at once and the panel has 40" in notes) == noted
        shutil.rmtree(store.path(run_id))


def _rename_readout(readout):
    """Say that the translator was trained on another output of the model."""
    from grn_core.translator.registry import own_folder
    from grn_core.translator.whole import write_sums

    path = own_folder("mine") / "card.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"readout": readout}))
    write_sums(path.parent)


def test_a_translator_of_another_model_is_refused_with_those_that_fit(checkpoint):
    with pytest.raises(TranslatorError, match=r"'omnipath' was trained on the model 'compact'.*needed: mine"):
        asks_folder(checkpoint, translator="omnipath").run_id()
    with pytest.raises(TranslatorError, match=r"'mine' was trained on the model 'scgpt:.*needed: .*omnipath"):
        request(translator="mine").run_id()


def test_infer_takes_the_road(store, asked):
    chosen = request(n_variable=20, extractors=("vvp",), seeds=(2,), background="context")
    run_id, status = compute(store, chosen)
    assert (status.state, status.fraction) == ("done", 1)
    assert store.edges(run_id)["target"].tolist() == ["CEBPA"]
    call = asked[0]
    panel = call.pop("panel")
    assert isinstance(call.pop("progress"), Tracker)
    call.pop("note")
    plan = call.pop("plan")
    assert (plan.model, plan.translator.name, plan.extractors, plan.seeds) == ("compact", DEFAULT, ("vvp",), (2,))
    assert (plan.readout, plan.background, plan.adapt) == (None, "context", None)
    assert call == {
        "adapt": None,
        "coexpression": None,
        "folder": store.path(run_id),
        "device": "auto",
        "executor": HERE,
    }
    result = store.record(run_id)["result"]
    assert result["edges"] == 1
    assert result["sources"] == len(panel.sources)
    assert result["genes"] == len(panel.genes)
    assert result["wall_s"] > 0
    assert result["peak_bytes"] > 1e6
    assert result["device"] == "CPU (2 cores)"
    assert result["notes"] == [*panel.notes, "The memory ran out."]
    assert (store.path(run_id) / "panel.json").exists()


@pytest.mark.parametrize(
    "options",
    [
        {"seeds": (7,)},
        {"extractors": ("vvp", "foo")},
        {"readout": "nope"},
        {"readout": "plain"},
        {"background": "context"},
        {"translator": "nobody"},
        {"model": "nobody"},
    ],
)
def test_what_cannot_be_computed_leaves_no_run(store, options):
    with pytest.raises(GrnError) as caught:
        manager.submit(InferRequest(dataset_ref=PBMC, dataset_sha="d" * 64, **options))
    assert caught.value.needed
    assert store.list_runs() == []


def test_the_chosen_cells_are_the_background(store):
    """Two kinds of cells have two networks, where the virtual background gives one."""
    from grn_core.models.load import load_model
    from grn_core.models.weights import network_digest
    from grn_core.translator.registry import own_folder

    model = load_model("compact", device="cpu")
    made_for = {"model": "compact", "model_sha": network_digest(model), "readout": "plain"}
    random_translator(make_spec(("A", "B"), (0,), model.record.grid, **made_for), seeds=(0, 1)).save(own_folder("seen"))
    panel = {"genes": ("SPI1", "IRF8", "LYZ", "CD79A", "NKG7", "S100A9"), "tfs": ("SPI1",), "n_variable": 0}
    asked = {"translator": "seen", "seeds": (0, 1), "background": "context", **panel}
    tables = []
    for kind in ("Dendritic", "CD19+ B"):
        run_id, status = compute(store, request(**asked, cells=("bulk_labels", (kind,))))
        assert status.state == "done", status
        tables.append(store.edges(run_id).set_index("target")["score"].sort_index())
        notes = " ".join(store.record(run_id)["result"]["notes"])
        assert "There is no probability: the translator was not calibrated on your cells as background." in notes
    assert tables[0].index.tolist() == tables[1].index.tolist()
    assert (tables[0] - tables[1]).abs().max() > 1e-4


def test_cells_are_chosen_by_a_column(store, asked):
    kind = datasets.load(PBMC).obs["bulk_labels"].astype(str).value_counts().index[0]
    compute(store, request(cells=("bulk_labels", (kind,))))
    compute(store, request())
    some, every = (call["panel"] for call in asked)
    assert some.digest() != every.digest()


def test_a_column_that_is_not_there_is_named(store, asked):
    _, status = compute(store, request(cells=("mood", ("good",))))
    assert status.error["found"] == "the cells have no column 'mood'"
    assert "bulk_labels" in status.error["needed"]


def test_a_dataset_that_has_changed_is_refused(store, asked):
    _, status = compute(store, request(dataset_sha="0" * 64))
    assert status.state == "failed"
    assert "is not the one" in status.error["found"]


def test_a_bare_gene_list(store, asked):
    genes = ("SPI1", "CEBPA", "GATA1", "CD14", "LYZ")
    _, status = compute(store, InferRequest(dataset_ref=GENES_ONLY, genes=genes, tfs=("SPI1",)))
    assert status.state == "done"
    panel = asked[0]["panel"]
    assert panel.genes == tuple(sorted(genes))
    assert panel.source_names == ("SPI1",)


def test_umap(store, monkeypatch):
    def compute_umap(dataset, *, seed):
        return np.full((dataset.n_cells, 2), seed, dtype=np.float64)

    monkeypatch.setattr("grn_core.datasets.embedding.compute_umap", compute_umap)
    run_id, status = compute(store, UmapRequest(dataset_ref=PBMC, dataset_sha=datasets.load(PBMC).sha256, seed=4))
    assert status.state == "done"
    points = store.embedding(run_id)
    assert points.shape == (700, 2)
    assert points.dtype == np.float32
    assert (points == 4).all()
    assert store.record(run_id)["hashes"] == {"dataset": datasets.load(PBMC).sha256}


def test_memory_that_runs_out_says_what_to_do(store, monkeypatch, asked):
    def greedy(*args, **options):
        raise MemoryError

    monkeypatch.setattr(sys.modules["grn_core.inference"], "infer_planned", greedy)
    _, status = compute(store, request())
    assert "memory" in status.error["found"]
    assert "fewer variable genes" in status.error["todo"]


def test_a_finished_run_is_left_alone(store, asked):
    run_id, _ = compute(store, request())
    assert worker.main([run_id, "--home", str(store.root.parent)]) == 0
    assert len(asked) == 1


def test_peak_memory_is_this_processs_own():
    before = worker.peak_bytes()
    block = np.ones(40_000_000 // 8)
    assert worker.peak_bytes() >= max(before, block.nbytes)
