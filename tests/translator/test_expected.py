"""What an expected precision was worth on data sets held out."""

from __future__ import annotations

import numpy as np
import pytest

from grn_core.files import write_json
from grn_core.translator import expected
from grn_core.translator.registry import DEFAULT, translator_sha
from scripts.measure_precision import found

ROWS = [[0.05, 0.04, 0.06], [0.1, 0.02, 0.13], [0.2, 0.31]]


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Figures of the default translator, read of one extractor."""
    entry = {"translator": DEFAULT, "extractors": ["gdt", "vvp"], "networks": {"STRING": ROWS}}
    write_json(tmp_path / "precision.json", {translator_sha(DEFAULT): entry})
    monkeypatch.setattr(expected, "asset", lambda name: tmp_path / name)
    expected._measured.cache_clear()
    yield
    expected._measured.cache_clear()


def test_the_level_below_with_two_data_sets_or_more_is_told(written):
    both = {"extractors": ("vvp", "gdt"), "mark": ""}
    assert expected.in_words(DEFAULT, 0.07, **both) == (
        "On 2 data sets held out, lists of 5% expected held 4% to 6% edges of STRING."
    )
    assert expected.in_words(DEFAULT, 0.3, **both) == (
        "On 2 data sets held out, lists of 10% expected held 2% to 13% edges of STRING. It can claim far too much."
    )
    unknown = "How far that holds on other data was not measured."
    assert expected.in_words(DEFAULT, 0.01, **both) == unknown
    assert expected.in_words(DEFAULT, 0.1, extractors=("gdt",), mark="") == unknown
    assert expected.in_words(DEFAULT, 0.1, extractors=("vvp", "gdt"), mark="another") == unknown
    assert expected.in_words(DEFAULT, 0.1, **both, seeds=(0, 1)) == unknown
    assert expected.in_words(DEFAULT, 0.1, **both, seeds=range(5)) != unknown
    assert expected.in_words("no such translator", 0.1, **both) == unknown


def test_what_ships_is_readable():
    for entry in expected._measured().values():
        for rows in entry["networks"].values():
            assert [row[0] for row in rows] == sorted(row[0] for row in rows)
            assert all(0 <= share <= 1 for row in rows for share in row)


def test_found_by_hand():
    """The best 40 pairs are expected to be right in one of ten, the others never: 40 and 80 reach the levels."""
    probability = np.r_[np.full(40, 0.1), np.zeros(160)]
    label = np.r_[np.ones(10), np.zeros(30), np.ones(2), np.zeros(158)].astype(bool)
    shares = dict(zip(expected.LEVELS, found(probability, label), strict=True))
    assert shares[0.1] == 0.25
    assert shares[0.05] == 0.15
    assert shares[0.15] is None
    order = np.random.default_rng(0).permutation(200)
    assert found(probability[order], label[order])[-1] is None
