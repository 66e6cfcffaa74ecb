"""scGPT: the published checkpoints, read from their folder.

A folder holds ``args.json``, ``vocab.json`` and ``best_model.pt``. Three namings of the attention occur in the wild (of
the released files, of the later flash wrapper, of torch); they differ in names only. Which decoders a checkpoint has is
read from its tensors, because the arguments do not say. Checkpoints with a batch norm for each batch label (tensors
``dsbn.*``), with pre-norm layers, or with values encoded otherwise than as one number are refused; the error names why.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from grn_core.errors import ModelError
from grn_core.models.cls_model import ClsModel, units_of_bins
from grn_core.models.reading.checkpoint import (
    Tokens,
    build_strictly,
    check_sizes,
    check_vocabulary,
    number_in,
    read_arguments,
    read_tensors,
    read_tokens,
    rename,
    without,
)
from grn_core.models.record import ModelRecord, checkpoint_record
from grn_core.models.scgpt.network import ScGPTNetwork, ScGPTShape

REQUIRED = ("embsize", "nheads", "d_hid", "nlayers")
LONGEST = 1200
# What the network is built for. Other values of these arguments belong to other networks.
SUPPORTED = {
    "input_emb_style": "continuous",
    "cell_emb_style": "cls",
    "mvc_decoder_style": "inner product",
    "pre_norm": False,
}
NAMINGS = {"self_attn._impl.": "self_attn.", "self_attn.Wqkv.weight": "self_attn.in_proj_weight"} | {
    "self_attn.Wqkv.bias": "self_attn.in_proj_bias"
}
IGNORED = {
    "cls_decoder.": "labels cell types in fine-tuned checkpoints; no readout of gene values reads it",
    "grad_reverse_discriminator.": "an adversary of fine-tuning; no output of the network depends on it",
}


class ScGPTModel(ClsModel):
    """Foundation model around an `ScGPTNetwork`; values are expression bins within the cell.

    Readouts, as far as the checkpoint has them:

    - ``mlm``: the plain output at a position that carries its own value, which is what most public code reads. The
      released weights were not trained on it directly, and much of it copies the value.
    - ``generative``: shown are ``<cls>`` and the source; every other gene is a generated token. The released weights
      were trained so. Not for checkpoints with batch norm or batch labels, which fine-tuning makes without this branch.
    - ``mvc``: the gene's embedding against the state of the cell, all genes shown; trained too.

    Attributes
    ----------
    batch_label
        For checkpoints that were fine-tuned with batch labels: the one that the cells are said to have.
    """

    network: ScGPTNetwork
    batch_label: int = 0

    def ignores_the_panel(self, readout: str) -> bool:
        """True for ``generative``: a generated gene reads the perceived ones and itself, nothing else."""
        return readout == "generative"

    def _read(self, ids: Tensor, values: Tensor, readout: str, shown: Tensor | None) -> Tensor:
        if shown is not None:
            return self._generate(ids, values, shown)
        labels = torch.full((len(ids),), self.batch_label, device=ids.device)
        return self.network(*self.with_cls(ids, values), batch_labels=labels)[readout][:, 1:]

    def _generate(self, ids: Tensor, values: Tensor, shown: Tensor) -> Tensor:
        """Generate the genes that are not shown; those that are have the plain output of the perceived part."""
        place = shown.cumsum(1) - 1
        counts = shown.sum(1)
        perceived = torch.argsort((~shown).to(torch.uint8), dim=1, stable=True)[:, : max(1, int(counts.max()))]
        padding = torch.arange(perceived.shape[1], device=ids.device) >= counts[:, None]
        padding = torch.cat((torch.zeros_like(padding[:, :1]), padding), dim=1)
        seen_ids, seen_values = self.with_cls(ids.gather(1, perceived), values.gather(1, perceived))
        found = self.network.generate(seen_ids, seen_values, ids, padding if bool(padding.any()) else None)
        plain = found["mlm"][:, 1:].gather(1, place.clamp(0, perceived.shape[1] - 1))
        return torch.where(shown, plain, found["generated"])


def load(folder: Path, *, device: str = "cpu", weights: str = "pretrained", seed: int = 0) -> ScGPTModel:
    """Load an scGPT checkpoint from its folder.

    Parameters
    ----------
    folder
        Holds ``args.json``, ``vocab.json``, ``best_model.pt``.
    device
        Torch device.
    weights
        ``pretrained`` or ``random``: the shape of the checkpoint, never trained.
    seed
        Decides random weights.

    Returns
    -------
    ScGPTModel
        Frozen, in evaluation mode, float32.

    Raises
    ------
    ModelError
        If a file is missing or broken, the arguments ask for another network, or tensors are missing, surplus or of
        another shape; the message names them.
    """
    arguments = read_arguments(folder, required=REQUIRED)
    for key, wanted in SUPPORTED.items():
        if arguments.get(key, wanted) != wanted:
            message = f"{folder / 'args.json'} says {key} = {arguments[key]!r:.80}"
            raise ModelError(message, needed=f"{wanted!r}", todo="use a checkpoint of the published kind")
    tokens = read_tokens(folder)
    found, sha = read_tensors(folder)
    tensors = without(rename(found, NAMINGS), IGNORED)
    if (table := tensors.get("encoder.embedding.weight")) is not None and table.ndim:
        check_vocabulary(folder / "vocab.json", len(tokens.names), len(table))
    check_sizes(folder / "args.json", {name: arguments[name] for name in REQUIRED}, tensors, layers=("nlayers",))
    shape = shape_of(arguments, tensors, len(tokens.names))
    network = build_strictly(lambda: ScGPTNetwork(shape), tensors, weights=weights, seed=seed)
    network.eval().requires_grad_(requires_grad=False).to(device)
    bins = int(number_in(arguments, "n_bins", 51, least=3, most=10_000))
    longest = int(number_in(arguments, "max_seq_len", LONGEST, least=3, most=1e6)) - 1  # <cls> takes one place
    level = number_in(arguments, "pad_value", -2, least=-1e4, most=1e4)
    record = record_of(folder, sha, tokens, network, n_bins=bins, max_genes=longest)
    return ScGPTModel(record, tokens, network, cls_value=level, bins=bins)


def shape_of(arguments: dict[str, Any], tensors: dict[str, Tensor], n_tokens: int) -> ScGPTShape:
    """Sizes from the arguments, parts from the tensors that are there."""

    def has(prefix: str) -> bool:
        return any(name.startswith(prefix) for name in tensors)

    batches = tensors.get("batch_encoder.embedding.weight")
    return ScGPTShape(
        n_tokens=n_tokens,
        width=arguments["embsize"],
        heads=arguments["nheads"],
        layers=arguments["nlayers"],
        feedforward=arguments["d_hid"],
        mvc=has("mvc_decoder."),
        zero_probability=has("decoder.zero_logit."),
        generative=has("flag_encoder."),
        batch_norm=has("bn."),
        n_batches=0 if batches is None else len(batches),
    )


def record_of(
    folder: Path, sha: str, tokens: Tokens, network: ScGPTNetwork, *, n_bins: int, max_genes: int
) -> ModelRecord:
    """Describe a checkpoint; its name carries the checksum of its weights."""
    shape = network.shape
    generative = shape.generative and not (shape.batch_norm or shape.n_batches)
    readouts = ["mlm", *(["generative"] if generative else []), *(["mvc"] if shape.mvc else [])]
    limits = "Read from a folder; how well each readout ranks regulation is for the benchmark to say."
    if shape.n_batches:
        limits += " Fine-tuned with batch labels: cells are said to be of the first batch."
    values = units_of_bins(n_bins)
    return checkpoint_record(
        folder,
        sha,
        network,
        family="scgpt",
        description=f"scGPT checkpoint: {shape.layers} layers, width {shape.width}.",
        licence="as published with the checkpoint (the scGPT project: MIT)",
        limits=limits,
        n_genes=len(tokens.genes),
        readouts=readouts,
        hiding_readouts=("generative",) if generative else (),
        default_readout="generative" if generative else "mlm",
        max_genes=max_genes,
        width=shape.width,
        values=values,
    )
