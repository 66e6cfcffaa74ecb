"""Write an adapted model as a model folder: weights, vocabulary, card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors.torch import load_file, save_file

from grn_core.adapt.options import AdaptOptions
from grn_core.adapt.store import report_in_words
from grn_core.hub.cards import table, with_front_matter
from grn_core.models.registry import folder_of
from grn_core.models.weights import base_digest

if TYPE_CHECKING:
    from grn_core.models.interface import FoundationModel

CARRIED = ("reconstruction", "curve", "training_seconds")
"""Entries of the base's card that speak of its own weights only."""


def export_adapted(
    model: FoundationModel, report: dict[str, Any], options: AdaptOptions, *, base: str, folder: Path, title: str
) -> dict[str, Any]:
    """Write ``model.safetensors``, ``vocabulary.txt``, ``card.json`` and ``README.md``; return the card.

    Parameters
    ----------
    model, report
        From `grn_core.adapt.store.adapted_model`.
    options
        How it was adapted.
    base
        Name or folder of the base model.
    folder
        Where to.
    title
        Title of the adapted model, for menus.

    Notes
    -----
    `grn_core.load_model` reads the folder. The card holds the base's digest, so that the translators of the base
    serve the adapted model.
    """
    source = Path(base) if Path(base).is_dir() else folder_of(base)
    tensors = load_file(source / "model.safetensors")
    tensors |= {key: value.detach().cpu().contiguous() for key, value in model.network.state_dict().items()}
    old = json.loads((source / "card.json").read_text(encoding="utf-8"))
    card = {key: value for key, value in old.items() if key not in CARRIED}
    card |= {
        "title": title,
        "description": f"{report_in_words(report)} Base: {old['description']}",
        "adapted": {
            "base_digest": base_digest(model),
            "options": options.key(),
            "report": report,
        },
    }
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / "model.safetensors")
    (folder / "vocabulary.txt").write_bytes((source / "vocabulary.txt").read_bytes())
    (folder / "README.md").write_text(_readme(card), encoding="utf-8")
    (folder / "card.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return card


def _readme(card: dict[str, Any]) -> str:
    report, options = card["adapted"]["report"], card["adapted"]["options"]
    curve = [
        (line["step"], "" if line["training"] is None else f"{line['training']:.4f}", f"{line['held_out']:.4f}")
        for line in report["curve"]
    ]
    text = f"""# {card["title"]}

{card["description"]}

Held-out error: mean squared error on hidden genes of cells that were kept out of the training, relative to predicting
each gene's mean. A lower one says that the model foretells these cells better, not that its edges are truer.

{table(("step", "training error", "held-out error"), curve)}

{table(("option", "value"), options.items())}

Licence of the base: {card["licence"]}. Limits of the base: {card["limits"]}
"""
    tags = ("single-cell", "gene-regulation", "adapted")
    return with_front_matter(text, name=card["title"], licence=card["licence"], tags=tags, base=card["name"])
