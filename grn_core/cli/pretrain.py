"""``pretrain``: train the compact model on a folder of count matrices; resumes where it was stopped."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path

from grn_core.cli.output import StageLine, note
from grn_core.settings import settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options: one per field of the recipe."""
    from grn_core.pretrain.batches import Recipe

    parser.add_argument("--corpus", type=Path, required=True, help="folder of .h5ad count matrices")
    parser.add_argument("--work", type=Path, required=True, help="folder of the checkpoint and the log; resumed")
    parser.add_argument("--out", type=Path, required=True, help="model folder to write when all steps are done")
    parser.add_argument("--note", default="", help="what else the model card says of data and machine")
    parser.add_argument("--tried", type=Path, help="Markdown file: what else was tried, for the model card")
    for field in fields(Recipe):
        name, default = field.name.replace("_", "-"), field.default
        parser.add_argument(f"--{name}", type=type(default), default=default, help=f"recipe (default {default})")


def run(arguments: argparse.Namespace) -> int:
    """Train and export."""
    import torch

    from grn_core.pretrain.batches import Recipe
    from grn_core.pretrain.corpus import load_corpus
    from grn_core.pretrain.export import export_model
    from grn_core.pretrain.train import train

    torch.set_num_threads(settings().threads or torch.get_num_threads())
    recipe = Recipe(**{field.name: getattr(arguments, field.name) for field in fields(Recipe)})
    with StageLine() as progress:
        parts, vocabulary = load_corpus(arguments.corpus, seed=recipe.seed, progress=progress)
        network = train(parts, vocabulary, recipe, arguments.work, progress=progress)
        tried = arguments.tried.read_text(encoding="utf-8").strip() if arguments.tried else ""
        texts = {"note": arguments.note, "tried": tried}
        export_model(network, parts, vocabulary, recipe, work=arguments.work, folder=arguments.out, **texts)
    note(f"written to {arguments.out}")
    return 0
