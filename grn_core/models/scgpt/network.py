"""The network of scGPT, for reading only: forward pass, cell-state readout (MVC) and generative branch.

A token is the gene's normalised embedding plus an encoding of its value; there are no positions. Post-norm layers
follow, and no norm after the last. Names of modules are those of the tensors in the published files. Written from a
description of the published model; checked against its outputs.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from grn_core.errors import ModelError
from grn_core.models.layers.dual import plus
from grn_core.models.layers.post_norm import ClsNetwork, PostNormLayer, as_level, inner_product, three_layers
from grn_core.models.layers.stack import LayerList, Stack
from grn_core.models.layers.tangent import layer_norm, linear, through
from grn_core.models.scgpt.generated import perceived_and_own

BATCH_NORM_EPS = 6.1e-5
GENERATED = 1


@dataclass(frozen=True)
class ScGPTShape:
    """Sizes of an scGPT network and the parts that it has.

    Attributes
    ----------
    n_tokens, width, heads, layers, feedforward
        Sizes.
    mvc, zero_probability, generative, batch_norm
        Whether there are: the cell-state decoder; decoders of the probability of being expressed; the flags of the
        generative branch; a batch norm after the sum of gene and value.
    n_batches
        Number of batch labels that the decoders are told; 0 for none.
    """

    n_tokens: int
    width: int
    heads: int
    layers: int
    feedforward: int
    mvc: bool = False
    zero_probability: bool = False
    generative: bool = False
    batch_norm: bool = False
    n_batches: int = 0


class NormedEmbedding(nn.Module):
    """Embedding followed by a layer norm."""

    def __init__(self, n: int, width: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(n, width)
        self.enc_norm = nn.LayerNorm(width)

    def forward(self, ids: Tensor) -> Tensor:
        """Embed ids (...) to (..., D)."""
        return self.enc_norm(self.embedding(ids))


class ValueEncoder(nn.Module):
    """Encodes one value; cut off above 512, while negative marks (masked, padding) pass."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear1 = nn.Linear(1, width)
        self.linear2 = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)

    def forward(self, values: Tensor) -> Tensor:
        """Encode values (B, L) to (B, L, D)."""
        hidden = torch.relu(linear(as_level(values, self.linear1.weight), self.linear1))
        return layer_norm(linear(hidden, self.linear2), self.norm)


class ScGPTNetwork(ClsNetwork):
    """Reconstruct every gene's bin.

    Outputs are on the scale of the bins, but real-valued and not bounded. What stands at padded positions means
    nothing.
    """

    def __init__(self, shape: ScGPTShape) -> None:
        super().__init__()
        self.shape = shape
        width, told = shape.width, 2 * shape.width if shape.n_batches else shape.width
        self.encoder = NormedEmbedding(shape.n_tokens, width)
        self.value_encoder = ValueEncoder(width)
        self.transformer_encoder = Stack(
            PostNormLayer(width, shape.heads, shape.feedforward) for _ in range(shape.layers)
        )
        self.decoder = nn.ModuleDict({"fc": three_layers(told, width, 1)})
        if shape.zero_probability:
            self.decoder["zero_logit"] = three_layers(told, width, 1)
        if shape.mvc:
            self.mvc_decoder = nn.ModuleDict(
                {"gene2query": nn.Linear(width, width), "W": nn.Linear(width, told, bias=False)}
            )
            if shape.zero_probability:
                self.mvc_decoder["W_zero_logit"] = nn.Linear(width, told)
        if shape.generative:
            self.flag_encoder = nn.Embedding(2, width)
        if shape.batch_norm:
            self.bn = nn.BatchNorm1d(width, eps=BATCH_NORM_EPS)
        if shape.n_batches:
            self.batch_encoder = NormedEmbedding(shape.n_batches, width)

    @property
    def layers(self) -> LayerList[PostNormLayer]:
        """The transformer layers in their order."""
        return self.transformer_encoder.layers

    def forward(
        self,
        ids: Tensor,
        values: Tensor,
        padding_mask: Tensor | None = None,
        *,
        batch_labels: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """Run the plain pass: every position carries its own value.

        Parameters
        ----------
        ids
            Token ids (B, L), ``<cls>`` first.
        values
            Bins (B, L); -1 = masked, -2 = padding and ``<cls>``.
        padding_mask
            Boolean (B, L), True = padding: never read.
        batch_labels
            (B,), for networks with batch labels.

        Returns
        -------
        dict
            ``mlm`` (B, L) predicted bins, ``cell`` (B, D) state of the cell at ``<cls>``, ``hidden`` (B, L, D);
            ``mvc`` (B, L) bins predicted from gene and cell state alone, if the network has that decoder;
            ``mlm_zero_probs``, ``mvc_zero_probs`` (B, L) probabilities of being expressed, if it has those.
        """
        batch = self._batch(ids, batch_labels)
        gene = self.genes(ids)
        x = self.tokens(gene, values)
        for layer in self.layers:
            x = layer(x, padding_mask)
        return {**self._decode(x, batch), **self._cell_readouts(gene, x[:, 0], batch), "cell": x[:, 0], "hidden": x}

    def generate(
        self, ids: Tensor, values: Tensor, asked: Tensor, padding_mask: Tensor | None = None
    ) -> dict[str, Tensor]:
        """Predict genes whose value is not given from perceived genes: the pass of generative pre-training.

        A generated token is the gene embedding plus a flag. In each layer it reads the perceived tokens and itself,
        no other generated one, and what it reads is added without the output projection that perceived tokens have (so
        the published code does it). Perceived tokens never read generated ones: theirs is the plain pass.

        Parameters
        ----------
        ids, values, padding_mask
            The perceived tokens, as in `forward`.
        asked
            Ids (B, G) of genes to predict.

        Returns
        -------
        dict
            ``generated`` (B, G) predicted bins; ``mlm`` (B, L), ``cell`` (B, D), ``hidden`` (B, L, D) of the perceived
            tokens; ``mvc`` (B, L + G), perceived first, if the network has that decoder.
        """
        gene, wanted = self.genes(ids), self.genes(asked)
        x, y = self.tokens(gene, values), wanted + self.flag_encoder.weight[GENERATED]
        for layer in self.layers:
            _, key, value = layer.project(x)
            read = perceived_and_own(layer.joint(y), key, value, blocked=padding_mask)
            x, y = layer(x, padding_mask), layer.finish(y + read)
        cell = x[:, 0]
        found = self._cell_readouts(torch.cat((gene, wanted), dim=1), cell, None)
        generated = through(self.decoder["fc"], y).squeeze(-1)
        return {**self._decode(x, None), **found, "generated": generated, "cell": cell, "hidden": x}

    def genes(self, ids: Tensor) -> Tensor:
        """Gene embeddings (..., D) of ids (...)."""
        return self.encoder(ids)

    def tokens(self, gene: Tensor, values: Tensor) -> Tensor:
        """Tokens (B, L, D) that enter the first layer, from gene embeddings (B, L, D) and values (B, L)."""
        x = plus(self.value_encoder(values), gene)
        return self.bn(x.flatten(0, 1)).view(x.shape) if self.shape.batch_norm else x

    def _batch(self, ids: Tensor, labels: Tensor | None) -> Tensor | None:
        """Embedding (B, D) of the batch labels."""
        if not self.shape.n_batches:
            return None
        if labels is None:
            message = "this checkpoint was trained with batch labels and none was given"
            raise ModelError(message, needed=f"batch_labels: (B,) from 0 to {self.shape.n_batches - 1}")
        return self.batch_encoder(labels.to(ids.device))

    def _decode(self, x: Tensor, batch: Tensor | None) -> dict[str, Tensor]:
        if batch is not None:
            x = torch.cat((x, batch[:, None, :].expand(-1, x.shape[1], -1)), dim=-1)
        found = {"mlm": through(self.decoder["fc"], x).squeeze(-1)}
        if self.shape.zero_probability:
            found["mlm_zero_probs"] = torch.sigmoid(through(self.decoder["zero_logit"], x).squeeze(-1))
        return found

    def _cell_readouts(self, gene: Tensor, cell: Tensor, batch: Tensor | None) -> dict[str, Tensor]:
        if not self.shape.mvc:
            return {}
        told = cell if batch is None else torch.cat((cell, batch), dim=-1)
        query = torch.sigmoid(self.mvc_decoder["gene2query"](gene))
        found = {"mvc": inner_product(self.mvc_decoder["W"](query), told)}
        if self.shape.zero_probability:
            found["mvc_zero_probs"] = torch.sigmoid(inner_product(self.mvc_decoder["W_zero_logit"](query), told))
        return found
