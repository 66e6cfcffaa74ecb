"""The documentation's tables of extractors, co-expression methods, models and datasets, read from their registries."""

from __future__ import annotations

from grn_core import in_words
from grn_core.coexpression.registry import METHODS
from grn_core.datasets import builtins
from grn_core.datasets.formats import FORMATS
from grn_core.datasets.kinds import KINDS
from grn_core.extractors.registry import EXTRACTORS
from grn_core.hub.manifest import Checkpoint, checkpoints
from grn_core.models.families import families
from grn_core.networks.activity.methods import METHODS as ACTIVITY
from grn_core.networks.exports import EXPORTS
from grn_core.networks.imports import NETWORK_FORMATS
from scripts.docs_commands import markdown_table


def extractor_table() -> str:
    """What can be read from a foundation model about a pair of genes."""
    rows = [(f"`{one.name}`", one.title, one.description, one.limits) for one in EXTRACTORS.values()]
    return markdown_table(("name", "title", "what it reads", "limits"), rows)


def coexpression_table() -> str:
    """What scores pairs from measured cells alone."""
    rows = [(f"`{one.name}`", one.title, one.description, one.limits) for one in METHODS.values()]
    return markdown_table(("name", "title", "what it does", "limits"), rows)


def activity_table() -> str:
    """What reads the activity of TFs in cells."""
    rows = [(f"`{one.name}`", one.title, one.description, one.unit, one.limits) for one in ACTIVITY.values()]
    return markdown_table(("name", "method", "what it does", "values", "limits"), rows)


def family_table() -> str:
    """The formats of checkpoints that are read."""
    return markdown_table(("family", "a folder of it holds"), [(one.title, one.files) for one in families()])


def checkpoint_table() -> str:
    """The published checkpoints."""
    rows = [(f"`{one.name}`", one.title, _size(one), one.licence) for one in checkpoints()]
    return markdown_table(("name", "model", "size", "licence"), rows)


def format_table() -> str:
    """The formats of measured cells that are read."""
    rows = [(" ".join(f"`{ending}`" for ending in one.endings), one.title) for one in FORMATS]
    return markdown_table(("file", "what it is"), rows)


def value_table() -> str:
    """What the numbers of a file may be."""
    return markdown_table(
        ("name", "values", "what becomes of them"), [(f"`{one.name}`", one.title, one.used) for one in KINDS]
    )


def export_table() -> str:
    """The formats that a network is written in."""
    rows = [(f"`{one.name}`", one.title, f"`{one.ending}`") for one in EXPORTS.values()]
    return markdown_table(("name", "format, and what reads it", "file"), rows)


def network_table() -> str:
    """The formats in which networks are read."""
    rows = [
        (one.title, one.columns, " ".join(f"`{ending}`" for ending in one.endings)) for one in NETWORK_FORMATS.values()
    ]
    return markdown_table(("network", "what it holds", "file"), rows)


def dataset_table() -> str:
    """The built-in datasets."""
    rows = [(f"`{one.ref}`", one.title, one.species, f"{one.n_cells:,}", one.licence) for one in builtins()]
    return markdown_table(("name", "title", "species", "cells", "licence"), rows)


def _size(one: Checkpoint) -> str:
    known = [file.size for file in one.files if file.size is not None]
    return in_words.size(sum(known)) if known else "not stated"
