"""Scoring with a translator: the edge table, and what a translator refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from grn_core.errors import Cancelled, TranslatorError
from grn_core.networks import COLUMNS, GeneNames
from grn_core.networks.edge_columns import NUMBERS
from grn_core.translator import apply
from grn_core.translator.apply import score_edges, signs
from grn_core.translator.calibration import temperature
from grn_core.translator.translator import Translator
from grn_core.translator.whole import SUMS
from tests.translator.toy_features import (
    linear_network,
    make_card,
    make_features,
    make_spec,
    nothing_on_disk,
    random_translator,
    shape_of,
    slow_logit,
)

LEVELS = (-2.0, -0.5, 1.0, 3.0)
NO = np.nan


@pytest.fixture
def by_hand(tmp_path):
    """Sources A and C over genes A, B, C; seed 0 adds both slopes, seed 1 doubles the first; temperature 2."""
    spec = make_spec(("A", "B", "C"), (0, 2))
    gdt = [[[NO, NO], [1, 1], [-3, 1]], [[0, 0], [1, -1], [NO, NO]]]
    features = make_features(tmp_path / "features", spec, {"gdt": np.nan_to_num(gdt)})
    card = make_card(spec, extractors=("gdt",), temperature=2.0)
    return features, Translator({"gdt": linear_network([[1.0, 1.0], [2.0, 0.0]])}, card)


def random_case(folder, *, n_genes=7, sources=(5, 0, 3), seed=0):
    spec = make_spec([f"G{number}" for number in range(n_genes)], sources, LEVELS)
    rng = np.random.default_rng(seed)
    arrays = {kind: rng.normal(size=shape_of(spec)) for kind in ("gdt", "vvp")}
    return make_features(folder, spec, arrays), random_translator(spec), arrays


def test_table_by_hand(by_hand):
    edges = score_edges(*by_hand, extractors=("gdt",), signed=True)
    assert list(edges.columns) == list(COLUMNS)
    assert list(zip(edges["source"], edges["target"], strict=True)) == [("A", "B"), ("C", "B"), ("C", "A"), ("A", "C")]
    assert edges["score"].tolist() == [2.0, 1.0, 0.0, -4.0]
    np.testing.assert_allclose(edges["probability"], [0.7310586, 0.6224593, 0.5, 0.1192029], rtol=1e-6)
    assert edges["sign"].tolist() == [1, 0, 0, -1]  # [1, 1], [1, -1] cancels, [0, 0] is flat, [-3, 1]
    assert edges["sign_agreement"].tolist() == [1.0, 0.0, 0.0, 0.5]
    np.testing.assert_allclose(edges["uncertainty"], [0.0, 0.1155293, 0.0, 0.1107577], atol=1e-6)
    assert edges["rank"].tolist() == [1, 2, 3, 4]
    np.testing.assert_allclose(edges["percentile"], [100.0, 200 / 3, 100 / 3, 0.0])


def test_there_is_no_sign_unless_asked_for(by_hand):
    edges = score_edges(*by_hand, extractors=("gdt",))
    assert list(edges.columns) == [name for name in COLUMNS if name != "sign_agreement"]
    assert edges["sign"].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("because", ["asked", "no temperature", "no calibration"])
def test_there_is_no_probability_where_none_was_calibrated(by_hand, because):
    features, translator = by_hand
    if because == "no temperature":
        translator.card["temperature"] = {"vvp": 1.0}
    elif because == "no calibration":
        del translator.card["temperature"]
    edges = score_edges(features, translator, extractors=("gdt",), calibrated=because != "asked")
    assert "probability" not in edges
    assert edges["score"].tolist() == [2.0, 1.0, 0.0, -4.0]
    np.testing.assert_allclose(edges["percentile"], [100.0, 200 / 3, 100 / 3, 0.0])
    np.testing.assert_allclose(
        edges["uncertainty"], [0.0, 1.0, 0.0, 2.0], err_msg="of the score: 2 and 2, 2 and 0, ..."
    )


def test_a_probability_is_corrected_for_how_rare_edges_are(by_hand):
    """Scores of 2, 1, 0 and -4 at temperature 2: odds of e, sqrt(e), 1 and e**-2; edges of 1 in 101 make them 1/100."""
    features, translator = by_hand
    even = score_edges(features, translator, extractors=("gdt",))
    translator.card["prior"] = 1 / 101
    edges = score_edges(features, translator, extractors=("gdt",))
    odds = np.exp([1.0, 0.5, 0.0, -2.0]) / 100
    np.testing.assert_allclose(edges["probability"], odds / (1 + odds), rtol=1e-5)
    assert edges[["source", "target", "score"]].equals(even[["source", "target", "score"]])
    del translator.card["prior"]
    assert "probability" not in score_edges(features, translator, extractors=("gdt",), calibrated=False)


def test_one_seed_by_hand(by_hand):
    edges = score_edges(*by_hand, extractors=("gdt",), seeds=(1,))
    assert edges["score"].tolist() == [2.0, 2.0, 0.0, -6.0]
    assert "uncertainty" not in edges, "one seed differs from no other"
    assert list(zip(edges["source"], edges["target"], strict=True))[:2] == [("A", "B"), ("C", "B")], (
        "a tie in gene order"
    )


@pytest.mark.parametrize("calibrated", [True, False])
@pytest.mark.parametrize("prior", [None, 0.01])
@pytest.mark.parametrize("seed", [0, 1])
def test_one_seed_never_has_an_uncertainty(by_hand, calibrated, prior, seed):
    features, translator = by_hand
    translator.card["prior"] = prior
    assert "uncertainty" in score_edges(features, translator, extractors=("gdt",), calibrated=calibrated)
    edges = score_edges(features, translator, extractors=("gdt",), calibrated=calibrated, seeds=(seed,))
    assert "uncertainty" not in edges
    assert ("probability" in edges) == calibrated


def test_co_expression_is_added_by_its_rank(by_hand):
    """Pairs A-B, A-C, C-A, C-B score 2, -4, 0, 1; those of A vary least together, so that two pairs share a rank."""
    strength = np.array([[NO, 0.1, 0.1], [0.9, 0.4, NO]])
    edges = score_edges(*by_hand, extractors=("gdt",), strength=strength)
    odds = np.log(np.array([1.5, 1.5, 4.0, 3.0]) / (5 - np.array([1.5, 1.5, 4.0, 3.0])))
    total = dict(zip([("A", "B"), ("A", "C"), ("C", "A"), ("C", "B")], np.array([2, -4, 0, 1]) + odds / 2, strict=True))
    found = dict(zip(zip(edges["source"], edges["target"], strict=True), edges["score"], strict=True))
    assert found == pytest.approx(total)
    assert edges["score"].is_monotonic_decreasing
    assert "probability" not in edges, "the sum is not calibrated"
    alone = score_edges(*by_hand, extractors=("gdt",), calibrated=False).set_index(["source", "target"])
    own = edges.set_index(["source", "target"])["uncertainty"]
    assert own.equals(alone["uncertainty"].loc[own.index]), "what is added is the same for all seeds"


@pytest.mark.parametrize("at_once", [1, 2])
def test_co_expression_is_added_alike_however_many_rows_are_scored_at_once(tmp_path, monkeypatch, at_once):
    features, translator, _ = random_case(tmp_path)
    strength = np.random.default_rng(3).random((3, 7)).round(1)
    whole = score_edges(features, translator, strength=strength)
    monkeypatch.setattr(apply, "ROWS_AT_ONCE", at_once)
    pd.testing.assert_frame_equal(score_edges(features, translator, strength=strength), whole, check_exact=True)


def test_labels_name_the_genes(by_hand):
    names = GeneNames(("A", "B", "C"), ("a", "b", "c"), ("E1", "", "E3"))
    edges = score_edges(*by_hand, extractors=("gdt",), genes=names)
    assert edges["source"].tolist() == ["a", "c", "c", "a"]
    assert edges["target"].tolist() == ["b", "b", "a", "c"]
    assert edges["source_id"].tolist() == ["E1", "E3", "E3", "E1"]
    assert edges["target_symbol"].tolist() == ["B", "B", "A", "C"]


@pytest.mark.parametrize("extractors", [("vvp", "gdt"), ("gdt", "vvp"), ("gdt",), ("vvp",)])
@pytest.mark.parametrize("seeds", [None, (2, 0)])
def test_equals_a_slow_loop_over_pairs(tmp_path, extractors, seeds):
    features, translator, arrays = random_case(tmp_path)
    edges = score_edges(features, translator, extractors=extractors, seeds=seeds, signed=True)
    edges = edges.set_index(["source", "target"])
    assert len(edges) == 3 * 6
    for row, source in enumerate(features.spec.sources):
        for target in range(7):
            pair = (f"G{source}", f"G{target}")
            if source == target:
                assert pair not in edges.index
                continue
            logits = [
                np.mean([slow_logit(translator.networks[kind], seed, arrays[kind][row, target]) for kind in extractors])
                for seed in (seeds or (0, 1, 2))
            ]
            found = edges.loc[pair]
            assert found["score"] == pytest.approx(np.mean(logits), abs=1e-4)
            assert found["probability"] == pytest.approx(1 / (1 + np.exp(-np.mean(logits) / 1.7)), abs=1e-5)
            assert found["uncertainty"] == pytest.approx(np.std(1 / (1 + np.exp(-np.array(logits) / 1.7))), abs=1e-5)
            slopes = (
                arrays["gdt"][row, target]
                if "gdt" in extractors
                else np.diff(arrays["vvp"][row, target]) / np.diff(LEVELS)
            )
            assert found["sign"] == (1 if sum(slope * abs(slope) for slope in slopes) > 0 else -1)
            agree = np.mean([(slope > 0) == (found["sign"] > 0) for slope in slopes])
            assert found["sign_agreement"] == pytest.approx(agree)
    assert edges["score"].is_monotonic_decreasing
    assert edges["rank"].tolist() == list(range(1, 19))
    assert edges["percentile"].iloc[[0, -1]].tolist() == [100.0, 0.0]


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_the_size_of_a_block_changes_nothing(tmp_path, monkeypatch, rows):
    features, translator, _ = random_case(tmp_path)
    whole = score_edges(features, translator, signed=True)
    monkeypatch.setattr(apply, "ROWS_AT_ONCE", rows)
    parts = score_edges(features, translator, signed=True)
    assert whole[["source", "target", "rank", "sign"]].equals(parts[["source", "target", "rank", "sign"]])
    np.testing.assert_allclose(whole[list(NUMBERS)], parts[list(NUMBERS)], rtol=0, atol=1e-5)


def test_the_order_of_genes_and_sources_changes_nothing(tmp_path):
    features, translator, arrays = random_case(tmp_path / "one")
    order = np.random.default_rng(1).permutation(7)
    place = np.argsort(order)
    genes = [features.spec.genes[index] for index in order]
    spec = make_spec(genes, [int(place[source]) for source in (3, 5, 0)], LEVELS)
    moved = {kind: array[[2, 0, 1]][:, order] for kind, array in arrays.items()}
    again = score_edges(make_features(tmp_path / "two", spec, moved), translator, signed=True)
    straight = score_edges(features, translator, signed=True)
    assert straight[["source", "target", "rank", "sign"]].equals(again[["source", "target", "rank", "sign"]])
    np.testing.assert_allclose(straight[list(NUMBERS)], again[list(NUMBERS)], rtol=0, atol=1e-5)


def test_equal_scores_stand_in_gene_order(tmp_path):
    spec = make_spec(("A", "B", "C"), (2, 0))
    features = make_features(tmp_path, spec, {"gdt": np.ones(shape_of(spec))})
    translator = Translator({"gdt": linear_network([[1.0, 1.0]])}, make_card(spec, extractors=("gdt",), seeds=(0,)))
    edges = score_edges(features, translator, extractors=("gdt",))
    pairs = list(zip(edges["source"], edges["target"], strict=True))
    assert pairs == [("A", "B"), ("A", "C"), ("C", "A"), ("C", "B")]


def test_one_edge_alone_is_the_best(tmp_path):
    spec = make_spec(("A", "B"), (1,))
    features = make_features(tmp_path, spec, {"gdt": np.ones(shape_of(spec))})
    translator = Translator({"gdt": linear_network([[1.0, 1.0]])}, make_card(spec, extractors=("gdt",), seeds=(0,)))
    edges = score_edges(features, translator, extractors=("gdt",))
    assert edges[["source", "target", "rank"]].values.tolist() == [["B", "A", 1]]
    assert np.isfinite(edges["percentile"]).all()


def test_progress_is_told_and_may_cancel(tmp_path, monkeypatch):
    features, translator, _ = random_case(tmp_path)
    monkeypatch.setattr(apply, "ROWS_AT_ONCE", 2)
    told = []
    score_edges(features, translator, progress=lambda *report: told.append(report))
    assert told == [("score", 0, 3), ("score", 2, 3), ("score", 3, 3)]

    def stop(stage, done, total):
        message = "stopped"
        raise Cancelled(message)

    with pytest.raises(Cancelled, match="stopped"):
        score_edges(features, translator, progress=stop)


def test_signs_of_trajectories_by_hand():
    slopes = torch.tensor([[1.0, -2.0, 0.5], [0.1, 0.1, -0.1], [0.0, 0.0, 0.0], [-1.0, -1.0, -1.0]])
    sign, agreement = signs({"gdt": slopes}, (0.0, 1.0, 2.0), n=4)
    assert sign.tolist() == [-1, 1, 0, -1]
    np.testing.assert_allclose(agreement, [1 / 3, 2 / 3, 0.0, 1.0])


def test_signs_of_response_curves_by_hand():
    """Slopes are 2 / 1 and -3 / 3 for the first pair: 4 - 1 > 0; the trajectory, where there is one, goes before."""
    curves = torch.tensor([[0.0, 2.0, -1.0], [0.0, -1.0, 5.0]])
    levels = (0.0, 1.0, 4.0)
    sign, agreement = signs({"vvp": curves}, levels, n=2)
    assert sign.tolist() == [1, 1]
    assert agreement.tolist() == [0.5, 0.5]
    assert signs({"vvp": curves, "gdt": -torch.ones(2, 3)}, levels, n=2)[0].tolist() == [-1, -1]


def test_a_response_that_is_rounding_has_no_sign():
    """Over a reach of 2, slopes of 1e-8 move a target by less than float32 can tell at levels up to 2."""
    sign, agreement = signs({"gdt": torch.tensor([[1e-8, 1e-8], [1e-3, 1e-8]])}, (0.0, 2.0), n=2)
    assert (sign.tolist(), agreement.tolist()) == ([0, 1], [0.0, 0.5])


def test_features_without_slopes_have_no_signs():
    sign, agreement = signs({"emb": torch.ones(3, 2)}, (0.0, 1.0), n=3)
    assert (sign.dtype, sign.tolist()) == (np.int8, [0, 0, 0])
    assert (agreement.dtype, agreement.tolist()) == (np.float32, [0.0, 0.0, 0.0])
    assert signs({}, (0.0, 1.0), n=3)[0].tolist() == [0, 0, 0], "what is read off single genes says nothing of pairs"


@pytest.fixture
def saved(tmp_path):
    spec = make_spec(("A", "B"), (0,), LEVELS)
    translator = random_translator(spec)
    translator.save(tmp_path / "translator")
    (tmp_path / "translator" / SUMS).unlink()  # as earlier versions wrote it, of which less is known
    return spec, translator, tmp_path / "translator"


@pytest.mark.parametrize("name", ["card.json", "translator.safetensors", SUMS])
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_flipped_bit_is_noticed_wherever_it_is(name, place, bit):
    with TemporaryDirectory() as folder:
        random_translator(make_spec(("A", "B"), (0,), LEVELS)).save(Path(folder))
        Translator.load(Path(folder))
        content = bytearray((Path(folder) / name).read_bytes())
        content[int(place * len(content))] ^= 1 << bit
        (Path(folder) / name).write_bytes(content)
        with pytest.raises(TranslatorError, match=r"damaged.*train it again"):
            Translator.load(Path(folder))


def test_save_and_load_round_trip(saved):
    spec, translator, folder = saved
    again = Translator.load(folder)
    assert again.card == translator.card
    assert sorted(again.networks) == ["gdt", "vvp"]
    features = {kind: torch.randn(5, 4, generator=torch.Generator().manual_seed(1)) for kind in ("gdt", "vvp")}
    assert torch.equal(again.logits(features), translator.logits(features))
    assert not any(
        p.requires_grad or network.training for network in again.networks.values() for p in network.parameters()
    )
    again.check(nothing_on_disk(spec, gdt=4, vvp=4), ("vvp", "gdt"))


def test_a_card_is_written_to_be_read(saved):
    _, translator, folder = saved
    Translator(translator.networks, {"title": "Müller, β-cells", "seeds": [0, 1]}).save(folder)
    text = '{\n  "title": "Müller, β-cells",\n  "seeds": [\n    0,\n    1\n  ]\n}\n'
    assert (folder / "card.json").read_bytes() == text.encode()


def test_features_of_an_adapted_model_count_as_those_of_its_base(saved):
    spec, translator, _ = saved
    adapted = {"model": "tiny, adapted", "model_sha": "b" * 64}
    own = make_spec(spec.genes, spec.sources, LEVELS, **adapted, adapted_from="a" * 64)
    translator.check(nothing_on_disk(own, gdt=4), ("gdt",))
    other = make_spec(spec.genes, spec.sources, LEVELS, **adapted, adapted_from="c" * 64)
    with pytest.raises(TranslatorError, match=r"weights \(tensors sha256\): cccccccccccc instead of aaaaaaaaaaaa"):
        translator.check(nothing_on_disk(other, gdt=4), ("gdt",))


def edit(folder, change):
    tensors = load_file(folder / "translator.safetensors")
    change(tensors)
    save_file(tensors, folder / "translator.safetensors")


def test_a_missing_tensor_is_named(saved):
    *_, folder = saved
    edit(folder, lambda tensors: tensors.pop("vvp.weights.1"))
    with pytest.raises(TranslatorError, match=r"tensors of 'vvp' .* do not fit the card: .*weights\.1"):
        Translator.load(folder)


@pytest.mark.parametrize("name", ["gdt.weights.9", "gdt.other", "emb.weights.0", "gdtx.mean", "loose"])
def test_a_surplus_tensor_is_named(saved, name):
    *_, folder = saved
    edit(folder, lambda tensors: tensors.update({name: torch.zeros(1)}))
    with pytest.raises(TranslatorError, match=re.escape(name.removeprefix("gdt."))):
        Translator.load(folder)


def test_a_tensor_of_another_shape_is_named(saved):
    *_, folder = saved
    edit(folder, lambda tensors: tensors.update({"gdt.mean": torch.zeros(9)}))
    with pytest.raises(TranslatorError, match=r"tensors of 'gdt' .*mean"):
        Translator.load(folder)


@pytest.mark.parametrize("name", ["card.json", "translator.safetensors"])
@pytest.mark.parametrize("content", [None, b"", b"not what it was"])
def test_missing_or_broken_files_are_an_error(saved, name, content):
    *_, folder = saved
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    with pytest.raises(TranslatorError, match=r"cannot be read .*needed: card\.json and translator.safetensors"):
        Translator.load(folder)


def test_a_card_that_lacks_entries_is_an_error(saved):
    *_, folder = saved
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    del card["grid"], card["seeds"]
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(TranslatorError, match="lacks grid, seeds"):
        Translator.load(folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model_sha": "b" * 64}, r"weights \(tensors sha256\): bbbbbbbbbbbb instead of aaaaaaaaaaaa"),
        ({"readout": "plain"}, "readout: plain instead of masked"),
        ({"levels": (-2.0, -0.5, 1.0, 3.5)}, r"levels: \[-2.0, -0.5, 1.0, 3.5\] instead of \[-2.0, -0.5, 1.0, 3.0\]"),
    ],
)
def test_features_of_another_making_are_refused(saved, change, said):
    spec, translator, _ = saved
    other = make_spec(spec.genes, spec.sources, **{"levels": LEVELS, **change})
    with pytest.raises(TranslatorError, match=f"translator toy reads .{said}.*what to do: choose another translator"):
        translator.check(nothing_on_disk(other, gdt=4), ("gdt",))


def test_what_the_model_is_called_decides_nothing(saved):
    spec, translator, _ = saved
    translator.check(nothing_on_disk(make_spec(spec.genes, spec.sources, LEVELS, model="other"), gdt=4), ("gdt",))


def test_the_members_of_a_readout_are_those_that_were_learnt(saved):
    """A card without the entry is of before there were several: one."""
    spec, translator, _ = saved
    two = make_spec(spec.genes, spec.sources, LEVELS, members=2)
    with pytest.raises(TranslatorError, match="members: 2 instead of 1"):
        translator.check(nothing_on_disk(two, gdt=4), ("gdt",))
    translator.card["members"] = 2
    translator.check(nothing_on_disk(two, gdt=4), ("gdt",))
    with pytest.raises(TranslatorError, match="members: 1 instead of 2"):
        translator.check(nothing_on_disk(spec, gdt=4), ("gdt",))


def test_an_extractor_that_the_translator_lacks_is_refused(saved):
    spec, translator, _ = saved
    with pytest.raises(TranslatorError, match="no emb in the translator"):
        translator.check(nothing_on_disk(spec, gdt=4, emb=8), ("gdt", "emb"))


def test_features_of_another_length_are_refused(saved):
    spec, translator, _ = saved
    translator.check(nothing_on_disk(spec, gdt=4, vvp=4), ("gdt", "vvp"))
    with pytest.raises(TranslatorError, match="length of vvp: 3 instead of 4"):
        translator.check(nothing_on_disk(spec, gdt=4, vvp=3), ("gdt", "vvp"))
    translator.check(nothing_on_disk(spec, gdt=4, vvp=3), ("gdt",))
    with pytest.raises(TranslatorError, match="length of vvp: 0 instead of 4"):
        translator.check(nothing_on_disk(spec, gdt=4), ("gdt", "vvp"))


def test_scoring_checks_the_features_first(tmp_path):
    features, _, _ = random_case(tmp_path)
    foreign = random_translator(make_spec(("A", "B"), (0,), LEVELS, readout="plain"))
    with pytest.raises(TranslatorError, match="readout: masked instead of plain"):
        score_edges(features, foreign)


@pytest.mark.parametrize(("seeds", "said"), [((0, 7, 5), "no seed 5, 7"), ((), "no seed .none asked for.")])
def test_a_missing_seed_is_an_error(saved, seeds, said):
    _, translator, _ = saved
    features = {"gdt": torch.zeros(1, 4)}
    with pytest.raises(TranslatorError, match=f"translator toy has {said}; needed: one or more of 0, 1, 2"):
        translator.logits(features, seeds)


def test_seeds_are_chosen_by_name_not_by_place():
    spec = make_spec(("A", "B"), (0,), LEVELS)
    translator = random_translator(spec, seeds=(11, 4, 8))
    features = {"gdt": torch.randn(3, 4, generator=torch.Generator().manual_seed(0))}
    every = translator.logits(features)
    assert torch.equal(translator.logits(features, (8, 11)), every[[2, 0]])


def test_the_temperature_belongs_to_the_combination_of_extractors():
    card = {"temperature": {"gdt": 1.0, "vvp": 2.0, "gdt+vvp": 3.0}}
    assert [temperature(card, kinds) for kinds in (["gdt"], ["vvp"], ["vvp", "gdt"])] == [1.0, 2.0, 3.0]
    del card["temperature"]["gdt"]
    assert temperature(card, ["gdt"]) is None
