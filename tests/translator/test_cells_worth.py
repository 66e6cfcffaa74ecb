"""What own cells are worth, as it is told."""

from __future__ import annotations

import pytest

from grn_core.coexpression import METHODS
from grn_core.files import write_json
from grn_core.models.registry import weights_sha
from grn_core.planning import BACKGROUNDS
from grn_core.translator import cells_worth


@pytest.fixture
def written(tmp_path, monkeypatch):
    """A file in the place of the one that ships, and the memory of it emptied."""

    def write(sha):
        own = {"co-expression": 0.52, "co-expression of metacells": 0.5, "generic and co-expression, half": 0.66}
        rows = [{"auprc": {"generic": 0.8, "context": 0.7} | own}, {"auprc": {"generic": 0.6, "context": 0.55} | own}]
        write_json(tmp_path / "own_cells.json", {"model_sha": sha, "translator_sha": "T", "auprc": rows})
        monkeypatch.setattr(cells_worth, "asset", lambda name: tmp_path / name)
        cells_worth._measured.cache_clear()

    yield write
    cells_worth._measured.cache_clear()


def test_the_worth_is_that_of_the_weights_and_of_the_background(written):
    written(weights_sha("compact"))
    said = cells_worth.in_words("compact", "context")
    assert said == "AUPRC 0.62 on 2 test sets with cells, where a generic cell has 0.70."
    both = "AUPRC 0.66 on 2 test sets with cells, where a generic cell has 0.70."
    assert cells_worth.in_words("compact", "both") == both
    hashes = {"model": weights_sha("compact"), "translator": "T"}
    of_run = "Tested on 2 sets with cells: AUPRC 0.66; the same model in a generic cell 0.70; chance 0.50."
    assert cells_worth.of_run(hashes, "both") == of_run
    assert cells_worth.of_run(hashes, "another") == ""
    assert cells_worth.of_run(hashes | {"translator": "another"}, "both") == ""
    assert cells_worth.of_run({}, "both") == ""
    assert cells_worth.in_words("compact", "virtual") == "AUPRC 0.70 on 2 test sets with cells, the best of these."
    assert cells_worth.in_words("compact", "another") == ""
    assert cells_worth.in_words("no such model", "context") == ""
    said = cells_worth.of_coexpression("pearson")
    assert said.startswith(
        "AUPRC 0.52 on 2 test sets with cells, 0.50 over averages of ten cells; a generic cell of the"
    )
    assert "has 0.70" in said
    assert {cells_worth.of_coexpression(name) for name in METHODS if name != "pearson"} == {""}
    written("another")
    assert cells_worth.in_words("compact", "context") == ""


def test_what_ships_speaks_of_the_bundled_model():
    assert {cells_worth.in_words("compact", name)[:6] for name in cells_worth.WAYS} == {"AUPRC "}
    assert "the best of these" in cells_worth.in_words("compact", BACKGROUNDS[0]), "what is taken by default"
