"""A model and translators that exist only on paper, so that the pages' tests need neither weights nor a worker."""

from __future__ import annotations

import re
from functools import lru_cache

import pytest
from streamlit.testing.v1 import AppTest

from grn_core.models import registry as models
from grn_core.models.record import ModelRecord
from grn_core.runs import RunStatus, RunStore, manager
from grn_core.translator import registry as translators
from grn_core.translator.record import TranslatorRecord
from tests.pages.app import captions, lines_of, text_of

GRID = (-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0)
RAW = re.compile(r"\\`\w[^`\n]*\\`")
"""Something between two signs of our Markdown that are shown, since they are escaped; tests have names with others."""
METHODS = ("VVP", "GDT", "Ensemble", "Random weights: Ensemble", "Corpus correlation")


def evaluation(scores: dict[str, float]) -> list[dict]:
    """Return rows as a translator's card has them."""
    universe = {"n_sources": 200, "n_targets": 900, "n_positives": 4000, "prevalence": 0.5, "n_seeds": 5}
    return [
        {"dataset": dataset, "network": "STRING", "split": "other data set", "method": method}
        | {"mean": scores.get(method, 0.5), "sd": 0.01, **universe}
        for dataset in ("mDC", "hHEP")
        for method in METHODS
    ]


@pytest.fixture(autouse=True)
def captions_of_two_lines(monkeypatch):
    """Fail a test where a page that it opens has a caption of more than two lines: the rest is folded away."""
    usual = AppTest._run

    def run(app: AppTest, *args: object, **options: object) -> AppTest:
        found = usual(app, *args, **options)
        long = [text for text, share in captions(app._tree) if lines_of(text, share=share) > 2]
        assert not long, "fold what is more than two lines (pages/components/shared/reading.py):\n" + "\n".join(long)
        return found

    monkeypatch.setattr(AppTest, "_run", run)


@pytest.fixture(autouse=True)
def no_raw_markup(monkeypatch):
    """Fail a test where a page that it opens shows the signs of our Markdown instead of what they stand for."""
    usual = AppTest._run

    def run(app: AppTest, *args: object, **options: object) -> AppTest:
        found = usual(app, *args, **options)
        cells = [cell for table in app.table for row in table.value.itertuples(index=False) for cell in map(str, row)]
        raw = [text for text in (*text_of(app).splitlines(), *cells) if RAW.search(text)]
        assert not raw, "commands in sentences of ours: `worded` instead of `plain`:\n" + "\n".join(raw)
        return found

    monkeypatch.setattr(AppTest, "_run", run)


@lru_cache(maxsize=1)
def vocabulary(name: str) -> tuple[str, ...]:
    """Every human symbol, whatever the model is called."""
    from grn_core.genes import human_symbols

    return tuple(sorted(human_symbols()))


@pytest.fixture
def paper_models(monkeypatch):
    """Put one model and two translators into the registries."""
    model = ModelRecord(
        name="compact",
        title="Compact",
        family="compact",
        description="A small model.",
        licence="MIT",
        limits="small",
        n_parameters=1_000_000,
        n_genes=40_000,
        units="standard deviations",
        value_range=(-3.0, 5.0),
        background=0.0,
        grid=GRID,
        readouts=("plain", "masked"),
        hiding_readouts=("masked",),
        default_readout="masked",
    )

    def translator(name: str, rows: list[dict]) -> TranslatorRecord:
        card = {"readout": "masked", "temperature": {"gdt+vvp": 1.0}, "prior": 0.02, "evaluation": rows}
        words = {"title": f"Trained on {name}", "description": f"Edges of {name}."}
        extractors, seeds, sha = ("vvp", "gdt"), (0, 1, 2, 3, 4), models.network_sha("compact")
        return TranslatorRecord(
            name,
            **words,
            model="compact",
            model_sha=sha,
            readout="masked",
            extractors=extractors,
            seeds=seeds,
            card=card,
        )

    records = (
        translator("omnipath", evaluation({"Ensemble": 0.64, "Corpus correlation": 0.60})),
        translator("string-hesc", evaluation({"Ensemble": 0.60, "Corpus correlation": 0.65})),
    )
    monkeypatch.setattr(models, "records", lambda: (model,))
    monkeypatch.setattr(models, "record_of", lambda name: model)
    monkeypatch.setattr(models, "card", lambda name: {"background": 0.0, "grid": list(GRID)})
    monkeypatch.setattr(models, "vocabulary", vocabulary)
    monkeypatch.setattr(models, "weights_sha", lambda name: "0" * 64)
    monkeypatch.setattr(translators, "records", lambda: records)
    monkeypatch.setattr(translators, "translator_sha", lambda name: "1" * 64)
    monkeypatch.setattr(translators, "sha_with_card", lambda name: f"{'1' * 64}:{'2' * 64}")


@pytest.fixture
def no_worker(monkeypatch):
    """Let the manager believe that it started a worker, which stays at the first step; return the runs it started."""
    started = []

    def start(store: RunStore, run_id: str, *, attempts: int) -> RunStatus:
        started.append(run_id)
        return store.write_status(run_id, RunStatus("queued", stage="starting", attempts=attempts, message="starting"))

    monkeypatch.setattr(manager, "_start", start)
    return started
