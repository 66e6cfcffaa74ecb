"""Use a translator: from pair features on disk to a ranked edge table."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from grn_core.errors import TranslatorError
from grn_core.extractors import EXTRACTORS
from grn_core.extractors.features import PairFeatures
from grn_core.extractors.records import ExtractorRecord
from grn_core.networks import GeneNames, edge_table
from grn_core.networks.signs import slope_signs
from grn_core.progress import Progress, silent
from grn_core.translator.calibration import shift, temperature
from grn_core.translator.card import learnt
from grn_core.translator.curves import Calibration
from grn_core.translator.entries import read_card
from grn_core.translator.rows import Rows
from grn_core.translator.terms import Network, network_of
from grn_core.translator.train import ensemble_logits
from grn_core.translator.whole import check_whole, write_sums

ROWS_AT_ONCE, PAIRS_AT_ONCE = 16, 200_000
KEPT = {"source": np.int32, "target": np.int32, "sign": np.int8}
"""Types in which columns wait for the others; numbers with decimals are float32."""
CARD = ("name", "model", "model_sha", "readout", "grid", "seeds", "hidden")


class Translator:
    """Trained networks with their card.

    Parameters
    ----------
    networks
        Extractor -> network of all seeds.
    card
        What was trained on what; ``card["seeds"]`` names the seeds in order, ``card["extractors"]`` the length of a
        pair's feature of each extractor, ``card["temperature"]`` the temperature of every combination of them
        (``"gdt"``, ``"vvp"``, ``"gdt+vvp"``), ``card["weights"]`` how much of each term is added.
    """

    def __init__(self, networks: Mapping[str, Network], card: dict[str, Any]) -> None:
        self.networks, self.card = dict(networks), card

    @classmethod
    def load(cls, folder: Path) -> Translator:
        """Read ``translator.safetensors`` and ``card.json``; `TranslatorError` names what does not fit."""
        check_whole(folder)
        try:
            card = read_card(folder)
            lengths = learnt(card)
            tensors = load_file(folder / "translator.safetensors")
        except (OSError, ValueError, TypeError, SafetensorError) as error:
            message = f"the translator in {folder} cannot be read ({error})"
            raise TranslatorError(message, needed="card.json and translator.safetensors") from error
        lacking = [key for key in CARD if key not in card]
        if not lengths:
            lacking.append("extractors")
        if lacking:
            message = f"the card in {folder} lacks {', '.join(lacking)}"
            raise TranslatorError(
                message, needed="the card of a translator", todo="restore the folder from the release"
            )
        networks = {}
        for extractor, length in lengths.items():
            own = {
                name.removeprefix(f"{extractor}."): tensors.pop(name)
                for name in list(tensors)
                if name.startswith(f"{extractor}.")
            }
            try:
                network = network_of(extractor, own, n_seeds=len(card["seeds"]), length=length, hidden=card["hidden"])
            except RuntimeError as error:
                message = (
                    f"the tensors of {extractor!r} in {folder} do not fit the card: {' '.join(str(error).split())}"
                )
                raise TranslatorError(message, todo="restore the folder from the release") from error
            networks[extractor] = network.eval().requires_grad_(requires_grad=False)
        if tensors:
            message = f"surplus tensors in {folder}: {', '.join(sorted(tensors))}"
            raise TranslatorError(message, needed="exactly the tensors of the card")
        return cls(networks, card)

    def save(self, folder: Path) -> None:
        """Write ``translator.safetensors``, ``card.json`` and the sums of both."""
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {
            f"{extractor}.{name}": value.contiguous()
            for extractor, network in self.networks.items()
            for name, value in network.state_dict().items()
        }
        save_file(tensors, folder / "translator.safetensors")
        text = json.dumps(self.card, indent=2, ensure_ascii=False) + "\n"
        (folder / "card.json").write_text(text, encoding="utf-8")
        write_sums(folder)

    def check(self, features: PairFeatures, extractors: Sequence[str]) -> None:
        """Raise `TranslatorError` unless features are what this translator was trained on.

        Features of a model that was adapted to some cells count as those of its base.
        """
        spec = features.spec
        base = spec.adapted_from
        wrong = [
            f"{what}: {here} instead of {wanted}"
            for what, here, wanted in (
                ("model", self.card["model"] if base else spec.model, self.card["model"]),
                ("weights (tensors sha256)", (base or spec.model_sha)[:12], self.card["model_sha"][:12]),
                ("readout", spec.readout, self.card["readout"]),
                ("levels", list(spec.levels), self.card["grid"]),
                ("members", spec.members, self.card.get("members", 1)),
            )
            if here != wanted
        ]
        missing = [name for name in extractors if name not in self.networks]
        wrong += [
            f"length of {name}: {features.lengths.get(name, 0)} instead of {self.networks[name].n_features}"
            for name in extractors
            if name in self.networks and features.lengths.get(name, 0) != self.networks[name].n_features
        ]
        if wrong or missing:
            reasons = "; ".join([*wrong, *(f"no {name} in the translator" for name in missing)])
            message = f"the features are not those that translator {self.card['name']} reads ({reasons})"
            raise TranslatorError(
                message,
                needed="features of the model, readout and levels it was trained with",
                todo="choose another translator, or train one for these features",
            )

    def logits(self, features: Mapping[str, Tensor], seeds: Sequence[int] | None = None) -> Tensor:
        """Ensemble logits (seeds, N) of features (N, length) by extractor, see `ensemble_logits`; one row a seed."""
        chosen = self.rows_of(seeds)
        networks = {name: self.networks[name] for name in features}
        return ensemble_logits(networks, features, self.card.get("weights"))[chosen]

    def rows_of(self, seeds: Sequence[int] | None) -> list[int]:
        """Which rows of the logits are those of some seeds; `TranslatorError` where it has no such seed."""
        have = list(self.card["seeds"])
        wanted = have if seeds is None else list(seeds)
        missing = sorted(set(wanted) - set(have))
        if missing or not wanted:
            message = f"translator {self.card['name']} has no seed {', '.join(map(str, missing)) or '(none asked for)'}"
            raise TranslatorError(message, needed=f"one or more of {', '.join(map(str, have))}")
        return [have.index(seed) for seed in wanted]


def score_edges(
    features: PairFeatures,
    translator: Translator,
    *,
    extractors: Sequence[str] = ("vvp", "gdt"),
    seeds: Sequence[int] | None = None,
    calibrated: bool = True,
    signed: bool = False,
    genes: GeneNames | None = None,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Score and rank every source-target pair.

    Parameters
    ----------
    features
        Pair features.
    translator
        Trained on features of the same model, readout and levels.
    extractors
        Extractors whose logits are averaged.
    seeds
        Seeds of the translator; all if None.
    calibrated
        Whether the features are such as the translator was calibrated on, see `grn_core.translator.calibration`;
        without, or where the extractors were not calibrated, there is no probability.
    signed
        Whether edges get the `signs` of the model's response.
    genes
        Names of the genes of `features`, in its order; its own if None.
    progress
        Listener.

    Returns
    -------
    DataFrame
        See `grn_core.networks.edge_table`: ``score`` is the ensemble logit, mean over seeds; ``probability`` is
        calibrated and corrected for how rare edges are (`grn_core.translator.calibration`); ``sign`` and
        ``sign_agreement`` are those of `signs`, if asked for; ``uncertainty`` is the standard deviation over seeds of
        the probability, or of the score where there is none. Where the translator was calibrated on held-out data sets
        (`grn_core.translator.curves`), the probability is theirs, and its uncertainty that over data sets and training
        sets too; of fewer seeds than all it is not. Best first; ties in gene order; self pairs absent.

    Raises
    ------
    TranslatorError
        If the translator does not fit the features.
    """
    translator.check(features, extractors)
    sources, n_genes = np.array(features.spec.sources), len(features.spec.genes)
    likely = _likely(translator, extractors, seeds) if calibrated else _spread
    ask = Rows(features, {name: translator.networks[name] for name in extractors}, translator.card.get("weights"))
    chosen, whole, done = translator.rows_of(seeds), dict[str, np.ndarray](), 0
    step = max(1, min(ROWS_AT_ONCE, PAIRS_AT_ONCE // n_genes))
    for start in range(0, len(sources), step):
        rows = slice(start, start + step)
        progress("score", start, len(sources))
        asked = np.arange(n_genes)[None] != sources[rows][:, None]
        row, target = np.nonzero(asked)
        logits, pairs = ask(rows)
        scores = logits[chosen][:, torch.from_numpy(asked)]
        score = scores.mean(0)
        columns = {"source": sources[rows][row], "target": target, "score": score.numpy(), **likely(score, scores)}
        if signed:
            told = telling_signs(pairs)
            read = {} if told is None else {told.name: pairs[told.name][torch.from_numpy(asked)]}
            columns["sign"], columns["sign_agreement"] = signs(read, features.spec.levels, n=len(score))
        for name, column in columns.items():
            kept = whole.setdefault(name, np.empty(len(sources) * (n_genes - 1), dtype=KEPT.get(name, np.float32)))
            kept[done : done + len(row)] = column
        done += len(row)
    progress("score", len(sources), len(sources))
    return edge_table(
        whole["source"],
        whole["target"],
        whole["score"],
        genes=GeneNames.plain(features.spec.genes) if genes is None else genes,
        probability=whole.get("probability"),
        sign=whole.get("sign"),
        sign_agreement=whole.get("sign_agreement"),
        uncertainty=whole["uncertainty"],
        directed=any(EXTRACTORS[name].directed for name in extractors),
    )


def _likely(
    translator: Translator, extractors: Sequence[str], seeds: Sequence[int] | None
) -> Callable[[Tensor, Tensor], dict[str, np.ndarray]]:
    """What makes a probability, and its uncertainty, of a score (N,) and those of the seeds (seeds, N)."""
    held_out = Calibration.of(translator.card, extractors, seeds)
    scale, rarer = temperature(translator.card, extractors), shift(translator.card)
    if held_out is not None:
        return lambda score, scores: {
            "probability": held_out.curve.probability(score.numpy()),
            "uncertainty": held_out.uncertainty(scores.numpy()),
        }
    if scale is None:
        return _spread
    return lambda score, scores: {
        "probability": torch.sigmoid(score / scale + rarer).numpy(),
        **_spread(score, torch.sigmoid(scores / scale + rarer)),
    }


def _spread(_score: Tensor, scores: Tensor) -> dict[str, np.ndarray]:
    return {"uncertainty": scores.std(0, correction=0).numpy()}


def telling_signs(names: Collection[str]) -> ExtractorRecord | None:
    """Return the extractor whose slopes are the signs: the first that has any, exact ones first; None without one."""
    able = [record for record in EXTRACTORS.values() if record.name in names and record.slopes is not None]
    return min(able, key=lambda one: "tangent" not in one.needs, default=None)


def signs(pairs: Mapping[str, Tensor], levels: Sequence[float], *, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Sign of each pair, and the share of levels that agree with it; see `grn_core.networks.signs.slope_signs`.

    The slopes are those of `telling_signs`: the gradient trajectory; without one, the differences of the response
    curve. Where there are neither, each of the `n` pairs has no sign: 0, with agreement 0.
    """
    record = telling_signs(pairs)
    if record is None or record.slopes is None:
        return np.zeros(n, dtype=np.int8), np.zeros(n, dtype=np.float32)
    slopes, reach = record.slopes(pairs[record.name].numpy(), levels)
    return slope_signs(slopes, levels, reach=reach)
