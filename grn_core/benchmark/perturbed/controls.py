"""Controls of the suite of perturbed TFs that need what a translator or a model was trained on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from grn_core.benchmark.features.corpus import mean_correlation
from grn_core.benchmark.features.degree import degree_score
from grn_core.benchmark.perturbed.names import RANDOM
from grn_core.benchmark.perturbed.tables import Changes
from grn_core.benchmark.references.leakage import TrainedOn, training_of_card
from grn_core.pretrain.corpus import CorpusPart, load_corpus
from grn_core.pretrain.files import profiles_beside
from grn_core.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from grn_core.benchmark.features.handle import ModelHandle
    from grn_core.models.interface import FoundationModel
    from grn_core.translator.translator import Translator

DEGREE, CORPUS = "Degree only", "Corpus correlation"
SHUFFLED = "Shuffled labels"
ROWS = 16
"""TFs that are asked together."""


@dataclass(frozen=True)
class Controls:
    """What controls are read from.

    Attributes
    ----------
    untrained
        The model with random weights.
    shuffled
        The translator of shuffled labels; None without the networks of the training.
    known
        What it was trained on.
    corpus
        The pre-training data; none where it was not named.
    """

    untrained: FoundationModel
    shuffled: Translator | None
    known: TrainedOn
    corpus: list[CorpusPart]

    def scores(
        self, changes: Changes, model: FoundationModel, translator: Translator, *, progress: Progress
    ) -> Iterator[tuple[str, np.ndarray]]:
        """Yield the name of each control and its scores (draws, T, G)."""
        yield RANDOM, whole(changes, self.untrained, translator, progress=progress)
        if self.shuffled is not None:
            yield SHUFFLED, whole(changes, model, self.shuffled, progress=progress)
            yield DEGREE, degrees(changes, self.known)[None]
        if self.corpus:
            yield CORPUS, correlations(changes, self.corpus, model.vocabulary)[None]


def whole(changes: Changes, model: FoundationModel, translator: Translator, *, progress: Progress) -> np.ndarray:
    """Scores (draws, T, G) of all that a translator has learnt together."""
    parts = [
        translator.logits(features).reshape(-1, len(changes.tfs[part]), len(changes.genes)).numpy()
        for part, features in answers(changes, model, translator, progress=progress)
    ]
    return np.concatenate(parts, axis=1)


def answers(
    changes: Changes, model: FoundationModel, translator: Translator, *, progress: Progress
) -> Iterator[tuple[slice, dict[str, Tensor]]]:
    """Yield which of the TFs were asked, and of each extractor of a translator the features (TFs x genes, length)."""
    import torch

    from grn_core.extractors.in_memory import extract_rows

    asked = sorted(translator.networks)
    for start in range(0, len(changes.tfs), ROWS):
        progress("extract", start, len(changes.tfs))
        part = slice(start, start + ROWS)
        rows = extract_rows(
            model,
            changes.genes,
            changes.tfs[part].tolist(),
            extractors=asked,
            readout=translator.card["readout"],
        )
        flat = {name: np.ascontiguousarray(one.reshape(-1, one.shape[-1])) for name, one in rows.items()}
        yield part, {name: torch.from_numpy(one) for name, one in flat.items()}
    progress("extract", len(changes.tfs), len(changes.tfs))


def trained_on(card: Mapping[str, Any], folder: Path | None) -> TrainedOn:
    """Return what a translator was trained on; nothing without a folder of reference networks.

    Raises
    ------
    DataError
        One of them is not in the folder.
    """
    return TrainedOn() if folder is None else training_of_card(card, folder=folder)


def shuffled(
    translator: Translator,
    known: TrainedOn,
    handle: ModelHandle,
    *,
    home: Path | None = None,
    progress: Progress = silent,
) -> Translator:
    """Train a translator anew as it was, but of labels that are shuffled among the pairs.

    Parameters
    ----------
    translator
        Whose extractors, readout and seeds are taken.
    known
        What it was trained on; labels of what it knows beside are shuffled, too.
    handle
        The foundation model.
    home
        Data folder of the features; the one of the settings if None.
    progress
        Listener; may cancel.
    """
    from grn_core.benchmark.features.bench import Bench
    from grn_core.benchmark.protocol.methods import Method
    from grn_core.benchmark.protocol.training import Training
    from grn_core.translator.translator import Translator as Applied

    bench = Bench(handle, None, home=home, progress=progress)
    card = translator.card
    training = Training.of_card(card, known, bench)
    asked = tuple(sorted(translator.networks))
    networks = {name: training.trained("shuffled", name)[0] for name in asked}
    weights = training.weights(Method(SHUFFLED, "control", extractors=asked, translator="shuffled"))
    return Applied(networks, {**card, "weights": weights})


def degrees(changes: Changes, known: TrainedOn) -> np.ndarray:
    """Scores (T, G): how many edges TF and gene have in what the translator knows, see `degree_score`."""
    score = degree_score((*known.references, *known.beside), changes.genes, withheld=known.withheld)
    source, target = np.broadcast_arrays(changes.tfs[:, None], np.arange(len(changes.genes))[None])
    return score(source, target)


def read_corpus(folder: Path, vocabulary: Sequence[str], *, progress: Progress = silent) -> list[CorpusPart]:
    """Read the pre-training data, and the averages beside it."""
    return load_corpus(folder, profiles=profiles_beside(folder), vocabulary=vocabulary, progress=progress)[0]


def correlations(changes: Changes, parts: Sequence[CorpusPart], vocabulary: Sequence[str]) -> np.ndarray:
    """Scores (T, G): the mean correlation over the data sets that hold both genes; 0 where none does."""
    place = {gene: number for number, gene in enumerate(vocabulary)}
    return mean_correlation(parts, [place.get(gene, -1) for gene in changes.genes], changes.tfs.tolist())
