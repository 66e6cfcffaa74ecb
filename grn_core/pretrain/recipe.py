"""What decides a pre-training; reading it needs no torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training run.

    Attributes
    ----------
    width, heads, layers
        Shape of the network.
    targets
        Genes of a batch that are predicted, the same for all its cells.
    most_visible, few_visible, few_share
        Each cell shows its own genes. Their number is one for a batch: in `few_share` of the batches drawn evenly from
        1 to `few_visible`, in the others log-uniformly from 1 to `most_visible`.
    cell_weight, size_power
        How often a data set is drawn and how much it says in the start: its training rows to the power `size_power`,
        single cells `cell_weight` times that (`grn_core.pretrain.corpus.weights`).
    common_share
        Share of the batches that do not say which data set they are from.
    dropout
        Of what a token says of its gene.
    batch, steps, warmup, learning_rate
        Optimisation (AdamW, linear warm-up, cosine decay to a twentieth).
    slow
        Share of the learning rate for what started from the data: embeddings and mixing matrices.
    tf_weight
        How much likelier a TF is drawn than another gene. Genes are drawn in proportion to the square root of the
        share of cells that detect them, so that dropout noise does not fill the batches.
    seed
        Decides initial weights and every draw.
    """

    width: int = 128
    heads: int = 4
    layers: int = 2
    targets: int = 1536
    most_visible: int = 176
    few_visible: int = 4
    few_share: float = 0.5
    cell_weight: float = 0.25
    size_power: float = 0.25
    common_share: float = 0.2
    dropout: float = 0.3
    batch: int = 128
    steps: int = 3000
    warmup: int = 200
    learning_rate: float = 3e-4
    slow: float = 0.03
    tf_weight: float = 2.0
    seed: int = 0
