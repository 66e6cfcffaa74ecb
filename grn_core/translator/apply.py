"""Use a translator: from pair features on disk to a ranked edge table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from grn_core.coexpression.added import added
from grn_core.extractors import EXTRACTORS
from grn_core.extractors.features import PairFeatures
from grn_core.extractors.records import ExtractorRecord
from grn_core.networks import GeneNames, edge_table
from grn_core.networks.signs import slope_signs
from grn_core.progress import Progress, silent
from grn_core.translator.calibration import shift, temperature
from grn_core.translator.curves import Calibration
from grn_core.translator.rows import Rows
from grn_core.translator.translator import Translator

ROWS_AT_ONCE, PAIRS_AT_ONCE = 16, 200_000
KEPT = {"source": np.int32, "target": np.int32, "sign": np.int8}
"""Types in which columns wait for the others; numbers with decimals are float32."""


def score_edges(
    features: PairFeatures,
    translator: Translator,
    *,
    extractors: Sequence[str] = ("vvp", "gdt"),
    seeds: Sequence[int] | None = None,
    calibrated: bool = True,
    signed: bool = False,
    strength: np.ndarray | None = None,
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
    strength
        (sources, genes), how far they vary together in measured cells: to the scores it is added
        (`grn_core.coexpression.added`), and no probability holds then. None adds nothing.
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
        the probability, or of the score where there is none; a single seed has none. Where the translator was
        calibrated on held-out data sets (`grn_core.translator.curves`), the probability is theirs, and its uncertainty
        that over data sets and training sets too; of fewer seeds than all it is not. Best first; ties in gene order;
        self pairs absent.

    Raises
    ------
    TranslatorError
        If the translator does not fit the features.
    """
    translator.check(features, extractors)
    sources, n_genes = np.array(features.spec.sources), len(features.spec.genes)
    likely = _likely(translator, extractors, seeds) if calibrated and strength is None else _spread
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
    if strength is not None:
        whole["score"] = added(whole["score"], strength[np.arange(n_genes)[None] != sources[:, None]])
    return edge_table(
        whole["source"],
        whole["target"],
        whole["score"],
        genes=GeneNames.plain(features.spec.genes) if genes is None else genes,
        probability=whole.get("probability"),
        sign=whole.get("sign"),
        sign_agreement=whole.get("sign_agreement"),
        uncertainty=whole.get("uncertainty"),
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
            **({"uncertainty": held_out.uncertainty(scores.numpy())} if held_out.spreads(len(scores)) else {}),
        }
    if scale is None:
        return _spread
    return lambda score, scores: {
        "probability": torch.sigmoid(score / scale + rarer).numpy(),
        **_spread(score, torch.sigmoid(scores / scale + rarer)),
    }


def _spread(_score: Tensor, scores: Tensor) -> dict[str, np.ndarray]:
    """Return the uncertainty of scores (seeds, N): nothing of a single seed, which differs from no other."""
    return {"uncertainty": scores.std(0, correction=0).numpy()} if len(scores) > 1 else {}


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
