"""What own cells are worth, as it is told."""

from __future__ import annotations

import pytest

from grn_core.coexpression import METHODS
from grn_core.files import write_json
from grn_core.models.registry import weights_sha
from grn_core.planning import ASKED_IN, BACKGROUNDS
from grn_core.translator import cells_worth
from grn_core.translator.registry import DEFAULT, FOR_CELLS, records


@pytest.fixture
def written(tmp_path, monkeypatch):
    """A file in the place of the one that ships, and the memory of it emptied."""

    def write(sha):
        own = {"co-expression": 0.52, "co-expression of metacells": 0.5, "generic and co-expression, half": 0.66}
        rows = [
            {"dataset": "one", "auprc": {"generic": 0.8, "context": 0.7} | own},
            {"dataset": "other", "auprc": {"generic": 0.6, "context": 0.55} | own},
        ]
        write_json(tmp_path / "own_cells.json", {"model_sha": sha, "translator_sha": "T", "auprc": rows})
        monkeypatch.setattr(cells_worth, "asset", lambda name: tmp_path / name)
        cells_worth._measured.cache_clear()

    yield write
    cells_worth._measured.cache_clear()


def test_the_worth_is_that_of_the_weights_and_of_the_background(written):
    written(weights_sha("compact"))
    said = cells_worth.in_words("compact", "context", translator=FOR_CELLS)
    assert said == "AUPRC 0.62 on 2 data sets with cells, where a generic cell has 0.70."
    both = "AUPRC 0.66 on 2 data sets with cells, where a generic cell has 0.70."
    assert cells_worth.in_words("compact", "both", translator=DEFAULT) == both
    hashes = {"model": weights_sha("compact"), "translator": "T"}
    of_run = "Tested on 2 data sets with cells: AUPRC 0.66; the same model in a generic cell 0.70; chance 0.50."
    assert cells_worth.of_run(hashes, "both") == of_run
    assert cells_worth.of_run(hashes, "another") == ""
    assert cells_worth.of_run(hashes | {"translator": "another"}, "both") == ""
    assert cells_worth.of_run({}, "both") == ""
    generic = "AUPRC 0.70 on 2 data sets with cells, the best of these."
    assert cells_worth.in_words("compact", "virtual", translator=DEFAULT) == generic
    assert cells_worth.in_words("compact", "another", translator=DEFAULT) == ""
    assert cells_worth.in_words("no such model", "context", translator=FOR_CELLS) == ""
    said = cells_worth.of_coexpression("pearson")
    assert said.startswith(
        "AUPRC 0.52 on 2 data sets with cells, 0.50 over averages of ten cells; a generic cell of the"
    )
    assert "has 0.70" in said
    assert {cells_worth.of_coexpression(name) for name in METHODS if name != "pearson"} == {""}
    written("another")
    assert cells_worth.in_words("compact", "context", translator=FOR_CELLS) == ""


def test_what_ships_speaks_of_the_bundled_model():
    said = {way: cells_worth.in_words("compact", way, translator=cells_worth.MEASURED_WITH[way]) for way in ASKED_IN}
    assert {text[:6] for text in said.values()} == {"AUPRC "}
    assert "the best of these" in said[BACKGROUNDS[0]], "what is taken by default"


@pytest.mark.parametrize("way", ASKED_IN)
def test_of_a_translator_that_was_not_measured_so_nothing_is_said(way):
    for other in {one.name for one in records()} - {cells_worth.MEASURED_WITH[way]}:
        assert cells_worth.in_words("compact", way, translator=other) == ""
