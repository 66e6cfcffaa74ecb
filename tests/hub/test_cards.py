"""Cards carry metadata that a model hub reads back, whatever a name or a licence holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from grn_core.hub.cards import table, with_front_matter
from grn_core.pretrain.card import model_card

COMPACT = Path(__file__).resolve().parents[2] / "assets" / "models" / "compact"


@pytest.mark.parametrize("name", ["mine", "a: b", "yes", "- list\n---\nlicense: gpl", "T细胞, activated", "#1 'best'"])
def test_a_hub_reads_back_what_was_written(name):
    text = with_front_matter("# Title\n\n---\nbody\n", name=name, licence="MIT", tags=("one",), base="compact")
    card = ModelCard(text)
    assert card.data.model_name == name
    assert (card.data.license, card.data.base_model) == ("mit", "compact")
    assert card.data.tags == ["grn-studio", "one"]
    assert card.text.strip() == "# Title\n\n---\nbody"


def test_a_licence_in_words_is_other_with_its_name():
    card = ModelCard(with_front_matter("# T", name="x", licence="non-commercial, see the folder", tags=()))
    assert (card.data.license, card.data.license_name) == ("other", "non-commercial, see the folder")
    assert "base_model" not in card.data.to_dict()


def test_no_licence_is_made_up():
    assert "license" not in ModelCard(with_front_matter("# T", name="x", tags=())).data.to_dict()


def test_a_table_by_hand():
    assert table(("a", "b"), [(1, "x"), (2, None)]) == "| a | b |\n| --- | --- |\n| 1 | x |\n| 2 | None |"


def test_the_bundled_card_is_that_of_its_record():
    record = json.loads((COMPACT / "card.json").read_text(encoding="utf-8"))
    assert (COMPACT / "README.md").read_text(encoding="utf-8") == model_card(record)
