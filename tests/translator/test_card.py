"""What a card says of extractors, and the combinations of them."""

from __future__ import annotations

import json

import pytest
import torch

from grn_core.assets import asset
from grn_core.errors import TranslatorError
from grn_core.translator.card import combinations_of, combined, learnt
from grn_core.translator.train import ensemble_logits
from grn_core.translator.translator import Translator
from grn_core.translator.whole import SUMS
from tests.translator.toy_features import linear_network, make_spec, random_translator


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("omnipath", {}),
        ("beeline-hesc-string", {}),
        ("beeline-hesc-string-neighbours", {"neighbours": 256}),
        ("beeline-hesc-string-omnipath", {"neighbours": 256}),
        ("beeline-hesc-string-plain", {}),
    ],
)
def test_the_translators_that_ship_are_read(name, more):
    card = json.loads(asset("translators", name, "card.json").read_text(encoding="utf-8"))
    assert learnt(card) == {"gdt": 8, "source": 128, "target": 128, "vvp": 8} | more
    assert Translator.load(asset("translators", name)).networks.keys() == learnt(card).keys()


def test_a_card_names_its_extractors_and_their_lengths():
    assert learnt({"extractors": {"emb": 128, "attn": 1}, "grid": [0, 1], "kinds": ["gdt"]}) == {"emb": 128, "attn": 1}
    assert learnt({"kinds": ["vvp"], "grid": [0, 1, 2], "members": 4}) == {"vvp": 12}
    assert learnt({"kinds": ["vvp"], "grid": [0, 1, 2]}) == {"vvp": 3}
    assert learnt({"grid": [0]}) == {}


@pytest.mark.parametrize(
    ("extractors", "said"), [(None, "lacks extractors"), (["gdt"], "cannot be read"), (7, "cannot")]
)
def test_a_card_without_extractors_is_refused(tmp_path, extractors, said):
    random_translator(make_spec(("A", "B"), (0,))).save(tmp_path)
    card = json.loads((tmp_path / "card.json").read_text())
    del card["extractors"]
    (tmp_path / "card.json").write_text(json.dumps(card if extractors is None else {**card, "extractors": extractors}))
    (tmp_path / SUMS).unlink()
    with pytest.raises(TranslatorError, match=said):
        Translator.load(tmp_path)


def test_combinations_by_hand():
    assert combinations_of(["vvp", "emb"]) == (("emb",), ("vvp",), ("emb", "vvp"))
    assert len(combinations_of("abcde")) == 31
    assert combinations_of([]) == ()
    assert combined(["vvp", "gdt"]) == combined(("gdt", "vvp")) == "gdt+vvp"


def test_the_ensemble_is_the_mean_whatever_the_order():
    networks = {"b": linear_network([[1.0], [3.0]]), "a": linear_network([[10.0], [0.0]], [2.0, 4.0])}
    features = {"a": torch.tensor([[1.0], [0.5]]), "b": torch.tensor([[2.0], [4.0]]), "c": torch.zeros(2, 9)}
    found = ensemble_logits(networks, features)
    assert found.tolist() == [[7.0, 5.5], [5.0, 8.0]]
    turned = ensemble_logits(dict(reversed(networks.items())), features)
    assert torch.equal(found, turned)
