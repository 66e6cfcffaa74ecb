"""Geneformer's network: a plain BERT of the transformers library, which is an optional extra.

The library gives the architecture and the forward pass. The tensors are read and checked by us, so that nothing is
looked up on a hub, no code of a file is run, and a tensor that is missing or left over is an error.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from grn_core.errors import ModelError
from grn_core.files import sha256_of
from grn_core.models.reading.checkpoint import read_weights, without
from grn_core.models.reading.plain_file import plain_file, read_json
from grn_core.models.reading.torch_file import plain_tensors

SAFE, PICKLED = "model.safetensors", "pytorch_model.bin"
WIDTH, HEADS, LENGTH, N_TOKENS = "hidden_size", "num_attention_heads", "max_position_embeddings", "vocab_size"
SIZES = (WIDTH, HEADS, LENGTH, N_TOKENS, "num_hidden_layers", "intermediate_size", "type_vocab_size")
# What the published models are; another value belongs to another network.
SUPPORTED = {"model_type": "bert", "hidden_act": "relu", "position_embedding_type": "absolute", "is_decoder": False}
DEFAULTS = {"type_vocab_size": 2, "layer_norm_eps": 1e-12, "pad_token_id": 0}
IGNORED = {
    "bert.embeddings.position_ids": "0, 1, 2, ...: a constant that older versions of the library wrote out",
    "bert.pooler.": "an output for whole cells; the training on masked genes does not use it",
}
# The decoder takes these from the rest of the network. Files hold them once or twice.
SHARED = {
    "cls.predictions.decoder.weight": "bert.embeddings.word_embeddings.weight",
    "cls.predictions.decoder.bias": "cls.predictions.bias",
}


class GeneformerNetwork(nn.Module):
    """Contextual embeddings and predictions of a sequence of gene tokens.

    Parameters
    ----------
    settings
        See `read_settings`.

    Raises
    ------
    ModelError
        If transformers is not installed.
    """

    def __init__(self, settings: Mapping[str, int | float | str]) -> None:
        super().__init__()
        if importlib.util.find_spec("transformers") is None:
            message = "Geneformer needs the Python package transformers, which is not installed"
            todo = "run: .venv/bin/python -m pip install -r requirements-geneformer.txt, or of an installation: "
            todo += "python -m pip install 'grn-studio[geneformer]'"
            raise ModelError(message, needed="the optional packages of requirements-geneformer.txt", todo=todo)
        from transformers import BertConfig, BertForMaskedLM

        self.settings = dict(settings)
        self.masked_lm = BertForMaskedLM(BertConfig(**self.settings))

    def hidden(self, ids: Tensor, padding_mask: Tensor | None = None) -> tuple[Tensor, ...]:
        """Embed tokens (B, N) in their context: what enters the first layer and what leaves each, all (B, N, D).

        `padding_mask` is boolean (B, N), True = padding: never read. What stands at padded positions means nothing.
        """
        mask = None if padding_mask is None else (~padding_mask).long()
        return self.masked_lm.bert(ids, attention_mask=mask, output_hidden_states=True).hidden_states

    def forward(self, ids: Tensor, padding_mask: Tensor | None = None) -> dict[str, Tensor]:
        """Run the network.

        Parameters
        ----------
        ids
            Ids of tokens (B, N), in the order of the genes' levels.
        padding_mask
            As in `hidden`.

        Returns
        -------
        dict
            ``hidden`` (layers + 1, B, N, D), ``logits`` (B, N, tokens) of the token that stands at each position.
        """
        hidden = self.hidden(ids, padding_mask)
        return {"hidden": torch.stack(hidden), "logits": self.masked_lm.cls(hidden[-1])}

    def attention(self, hidden: Sequence[Tensor], padding_mask: Tensor | None = None) -> Iterator[Tensor]:
        """Yield the attention weights (B, N, N) of each head of each layer in turn; row = receiver, column = sender.

        They are computed again from `hidden`, head by head, because all together would take gigabytes and fused
        attention keeps none.
        """
        n_heads = int(self.settings[HEADS])
        for layer, x in zip(self.masked_lm.bert.encoder.layer, hidden[:-1], strict=True):
            query, key = (
                part(x).unflatten(-1, (n_heads, -1)) for part in (layer.attention.self.query, layer.attention.self.key)
            )
            for head in range(n_heads):
                scores = query[:, :, head] @ key[:, :, head].mT / query.shape[-1] ** 0.5
                if padding_mask is not None:
                    scores = scores.masked_fill(padding_mask[:, None, :], -torch.inf)
                yield torch.softmax(scores, dim=-1)


def read_settings(folder: Path) -> dict[str, int | float | str]:
    """Read from ``config.json`` what the network is built with; everything else in it is left alone.

    Raises
    ------
    ModelError
        If the file is missing or broken, gives no sizes, or asks for another network.
    """
    path = folder / "config.json"
    config = {**DEFAULTS, **read_json(path)}
    for key, wanted in SUPPORTED.items():
        if config.get(key, wanted) != wanted:
            message = f"{path} says {key} = {config[key]!r:.80}"
            raise ModelError(message, needed=repr(wanted), todo="use a checkpoint of the published kind")
    sizes: dict[str, Any] = {name: config.get(name) for name in SIZES}
    if any(type(size) is not int or size < 1 for size in sizes.values()) or sizes[WIDTH] % sizes[HEADS]:
        message = f"{path} gives no sizes of a network: {sizes!s:.300}"
        needed = "whole numbers, and num_attention_heads a divisor of hidden_size"
        raise ModelError(message, needed=needed, todo="copy the original file")
    eps, padding = config["layer_norm_eps"], config["pad_token_id"]
    if type(eps) is not float or not 0 < eps < 1 or type(padding) is not int or not 0 <= padding < sizes[N_TOKENS]:
        message = f"{path} says layer_norm_eps = {eps!r:.80}, pad_token_id = {padding!r:.80}"
        raise ModelError(message, needed="a small number, and the id of a token", todo="copy the original file")
    return {**sizes, "hidden_act": SUPPORTED["hidden_act"], **{name: config[name] for name in DEFAULTS}}


def read_tensors(folder: Path) -> tuple[dict[str, Tensor], str]:
    """Read the weights of a model's folder, each tensor under one name.

    Returns
    -------
    tensors, sha256
        Name -> tensor as `GeneformerNetwork.masked_lm` calls it, on the CPU; checksum of the file.

    Raises
    ------
    ModelError
        If there is no file of weights, it holds anything but tensors, or one that should be shared is there twice and
        differs.
    """
    path = folder / SAFE
    if path.exists():
        try:
            tensors = plain_tensors(load_file(plain_file(path)), path)
        except (OSError, SafetensorError) as error:
            message = f"{path} cannot be read ({type(error).__name__})"
            raise ModelError(message, needed="the model's weights", todo="copy the original file") from error
        sha = sha256_of(path)
    elif (folder / PICKLED).exists():
        tensors, sha = read_weights(folder / PICKLED)
    else:
        message = f"{folder} holds neither {SAFE} nor {PICKLED}"
        raise ModelError(message, needed="the model's weights", todo="copy the original file")
    tensors = without(tensors, IGNORED)
    for copy, original in SHARED.items():
        if original in tensors and not _alike(tensors.setdefault(copy, tensors[original]), tensors[original]):
            message = f"{copy} and {original} in {folder} differ"
            raise ModelError(message, needed="a decoder that shares them", todo="use the checkpoint as published")
    return tensors, sha


def _alike(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors hold the same; what is no number is like itself, and is told of later."""
    return one.shape == other.shape and torch.equal(one.nan_to_num(), other.nan_to_num())
