"""Reading scFoundation's checkpoint: ``models.ckpt`` and the table of its genes, strictly, running no code of theirs.

``models.ckpt`` holds three trained parts of the same shape: ``gene`` (expression and genes in context), ``cell`` and
``rde`` (cell embeddings). A part has a nested ``config`` and a ``state_dict``. The file is opened with
``weights_only=True`` alone, once; what is kept is a safetensors copy of the part under the home folder, named by the
checksum of the original, with the merged configuration in its header.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NoReturn

from safetensors import SafetensorError, safe_open
from torch import Tensor

from grn_core.caches import used
from grn_core.errors import ModelError
from grn_core.files import sha256_of
from grn_core.genes import present_names
from grn_core.models.reading.checkpoint import keep_copy
from grn_core.models.reading.plain_file import plain_file, read_text
from grn_core.models.reading.torch_file import check_plain, load_plain, plain_tensors
from grn_core.models.scfoundation.network import N_DEPTHS, ScFoundationShape
from grn_core.settings import settings

WEIGHTS = "models.ckpt"
GENE_TABLE = "*gene_index*.tsv"
PARTS = ("gene", "cell", "rde")
KIND = "mae_autobin"
# What the network is built for. Other values of these settings belong to other networks.
SUPPORTED = {
    "model": KIND,
    "encoder.module_type": "transformer",
    "encoder.norm_first": False,
    "decoder.module_type": "performer",
}
SIZES = {
    "n_positions": "seq_len",
    "width": "encoder.hidden_dim",
    "layers": "encoder.depth",
    "heads": "encoder.heads",
    "decoder_width": "decoder.hidden_dim",
    "decoder_layers": "decoder.depth",
    "decoder_heads": "decoder.heads",
    "head_width": "decoder.dim_head",
    "bins": "bin_num",
}
NUMBERS = {"bin_alpha": "bin_alpha", "mask_value": "mask_token_id", "pad_value": "pad_token_id"}


def read_genes(folder: Path) -> tuple[str, ...]:
    """Read the genes in the checkpoint's order, under the names of today (`grn_core.genes.present_names`).

    Parameters
    ----------
    folder
        Holds one table ``*gene_index*.tsv`` with the columns ``gene_name`` and ``index``, as scFoundation publishes it.

    Raises
    ------
    ModelError
        If there is no such table or more than one, a gene stands twice, or the indexes are not 0, 1, 2, ...
    """
    found = sorted(folder.glob(GENE_TABLE))
    if len(found) != 1:
        message = f"{folder} holds {', '.join(path.name for path in found) or 'no table of genes'}"
        todo = "copy scFoundation's OS_scRNA_gene_index.19264.tsv beside models.ckpt"
        raise ModelError(message, needed=f"one table {GENE_TABLE}", todo=todo)
    header, *rows = [line.split("\t") for line in read_text(found[0]).splitlines()] or [[]]
    genes = tuple(row[0] for row in rows)
    if (
        header != ["gene_name", "index"]
        or [row[1:] for row in rows] != [[str(index)] for index in range(len(rows))]
        or len(set(genes)) < len(genes)
    ):
        message = f"{found[0]} is no table of genes in their order"
        raise ModelError(
            message, needed="columns gene_name and index, each gene once, indexes 0, 1, 2, ...", todo="copy it again"
        )
    return present_names(genes)


def read_part(folder: Path, *, part: str) -> tuple[dict[str, object], dict[str, Tensor], str]:
    """Read one part of ``models.ckpt``.

    Parameters
    ----------
    folder
        Holds ``models.ckpt``.
    part
        ``gene``, ``cell`` or ``rde``.

    Returns
    -------
    config, tensors, sha256
        The merged configuration; name -> tensor, on the CPU, without the leading ``model.``; checksum of the file.

    Raises
    ------
    ModelError
        If the file is missing, carries more than tensors and plain settings, or lacks the part.
    """
    if part not in PARTS:
        message = f"scFoundation has no part {part!r}"
        raise ModelError(message, needed=f"one of {', '.join(PARTS)}")
    path = folder / WEIGHTS
    sha = sha256_of(plain_file(path))
    kept = settings().home / "models" / f"{sha}-{part}.safetensors"
    used(kept)
    try:
        with safe_open(kept, framework="pt") as copy:
            tensors = {name: copy.get_tensor(name) for name in copy.keys()}  # noqa: SIM118
            return json.loads(copy.metadata()["config"]), tensors, sha
    except (OSError, SafetensorError):  # not converted yet, or cut off
        config, tensors = _part_of(path, part)
    keep_copy(tensors, kept, metadata={"config": json.dumps(config)})
    return config, tensors, sha


def shape_of(folder: Path, config: dict[str, object]) -> ScFoundationShape:
    """Sizes of the network that a merged configuration asks for.

    Raises
    ------
    ModelError
        If a setting is missing or no size, or belongs to another network than the published one.
    """
    needed = (*SUPPORTED, *SIZES.values(), *NUMBERS.values())
    given = {name: _setting(config, name) for name in needed}
    missing = [name for name, value in given.items() if value is None]
    if missing:
        _refuse(folder, f"lacks {', '.join(missing)}", "all settings of the published model")
    for name, wanted in SUPPORTED.items():
        if given[name] != wanted:
            _refuse(folder, f"says {name} = {given[name]!r:.80}", repr(wanted))
    sizes = {field: size for field, name in SIZES.items() if type(size := given[name]) is int and size > 0}
    numbers = {
        field: value for field, name in NUMBERS.items() if type(value := given[name]) is int or type(value) is float
    }
    if (
        len(sizes) < len(SIZES)
        or len(numbers) < len(NUMBERS)
        or sizes["n_positions"] <= N_DEPTHS
        or sizes["width"] % sizes["heads"]
    ):
        found = {field: given[name] for field, name in (SIZES | NUMBERS).items()}
        _refuse(folder, f"gives no sizes of a network: {found}", "whole numbers; heads a divisor of hidden_dim")
    return ScFoundationShape(
        n_positions=sizes["n_positions"],
        width=sizes["width"],
        layers=sizes["layers"],
        heads=sizes["heads"],
        decoder_width=sizes["decoder_width"],
        decoder_layers=sizes["decoder_layers"],
        decoder_heads=sizes["decoder_heads"],
        head_width=sizes["head_width"],
        bins=sizes["bins"],
        bin_alpha=numbers["bin_alpha"],
        mask_value=numbers["mask_value"],
        pad_value=numbers["pad_value"],
    )


def _setting(config: object, name: str) -> object:
    """Setting of a dotted name; None if there is none."""
    found = config
    for key in name.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _part_of(path: Path, part: str) -> tuple[dict[str, object], dict[str, Tensor]]:
    found = load_plain(path)
    config, tensors = (_setting(found, f"{part}.{name}") for name in ("config", "state_dict"))
    if not isinstance(config, dict) or not isinstance(tensors, dict):
        message = f"{path} has no part {part!r} with config and state_dict"
        raise ModelError(message, needed="scFoundation's models.ckpt", todo="copy the original file")
    check_plain(config, path)
    plain = plain_tensors(tensors, path)
    return _merged(config, path), {name.removeprefix("model."): tensor for name, tensor in plain.items()}


def _merged(config: dict[str, object], path: Path) -> dict[str, object]:
    """One flat level: the settings of the model, then those of the data, which win."""
    model = _setting(config, f"model_config.{config.get('model')}")
    data = _setting(config, "dataset_config.rnaseq")
    if not isinstance(model, dict) or not isinstance(data, dict):
        _refuse(path.parent, "lacks model_config or dataset_config.rnaseq", "the nested settings as published")
    merged = {**{key: value for key, value in config.items() if not key.endswith("_config")}, **model, **data}
    try:
        plain: dict[str, object] = json.loads(json.dumps(merged))
    except (TypeError, ValueError, RecursionError):
        _refuse(path.parent, "holds more than plain settings", "numbers, words, lists and dictionaries")
    return plain


def _refuse(folder: Path, found: str, needed: str) -> NoReturn:
    message = f"the configuration in {folder / WEIGHTS} {found}"
    raise ModelError(message, needed=needed, todo="use the checkpoint as published")
