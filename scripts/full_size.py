"""A checkpoint of scGPT's full size as it is published, but with random weights: measurements need no download."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from grn_core.genes import human_symbols
from grn_core.models.scgpt.network import ScGPTNetwork, ScGPTShape

N_TOKENS, WIDTH, HEADS, LAYERS, BINS, LONGEST = 60_697, 512, 8, 12, 51, 1200
SPECIAL = ("<pad>", "<cls>", "<eoc>")


def write_checkpoint(folder: Path) -> None:
    """Write arguments, vocabulary and tensors under the released names into a new folder; about 200 MB."""
    torch.manual_seed(0)
    network = ScGPTNetwork(ScGPTShape(N_TOKENS, WIDTH, HEADS, LAYERS, WIDTH, mvc=True, generative=True))
    tensors = {name.replace("in_proj_", "Wqkv."): value for name, value in network.state_dict().items()}
    n_genes = N_TOKENS - len(SPECIAL)
    names = sorted(human_symbols())
    names += [f"filler-{number}" for number in range(n_genes - len(names))]
    vocabulary = {token: number for number, token in enumerate((*names[:n_genes], *SPECIAL))}
    shape = {"embsize": WIDTH, "nheads": HEADS, "d_hid": WIDTH, "nlayers": LAYERS, "n_bins": BINS}
    folder.mkdir()
    (folder / "args.json").write_text(json.dumps({**shape, "pad_value": -2, "max_seq_len": LONGEST}), encoding="utf-8")
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    torch.save(tensors, folder / "best_model.pt")
