"""The commands that make a translator anew, read off its card."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from grn_core.benchmark.protocol.methods import UNTRAINED_CONTROLS
from grn_core.benchmark.references.leakage import reference_text

REFERENCES, CORPUS = "networks", "corpus"
"""Folders as the commands call them: BEELINE's reference networks, and the data of the pre-training."""
USUAL_SEEDS = 5


def commands_of(card: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the commands that make a translator and its card, in their order.

    Parameters
    ----------
    card
        The translator's card. Of a file that was trained on it has the name alone.

    Returns
    -------
    tuple of str
        ``train-translator``; and where its probabilities are those of a curve, ``scripts.calibrate_translator``.
    """
    commands = [["python", "-m", "grn_core", "train-translator", *_training_words(card)]]
    if card.get("held_out"):
        commands.append(["python", "-m", "scripts.calibrate_translator", *_calibration_words(card)])
    return tuple(map(shlex.join, commands))


def _training_words(card: Mapping[str, Any]) -> list[str]:
    rows = card["evaluation"]
    words = [f"--name={card['name']}"]
    words += [
        f"--{'beside' if one.get('beside') else 'reference'}={_text(one['reference'])}" for one in card["training"]
    ]
    words += [f"--without={_text(one['reference'])}" for one in card.get("without", ())]
    words += [f"--test={_text(name)}" for name in dict.fromkeys(row["reference"] for row in rows)]
    words += [] if card["model"] == "compact" else [f"--model={card['model']}"]
    words += [f"--readout={card['readout']}", f"--extractors={','.join(card['extractors'])}"]
    words += [f"--cells={card['cells']}"] if card["cells"] else []
    words += [] if len(card["seeds"]) == USUAL_SEEDS else [f"--seeds={len(card['seeds'])}"]
    words += [] if card["title"] == card["name"] else [f"--title={card['title']}"]
    words += [f"--description={card['description']}"] if card["description"] else []
    of_corpus = {method.name for method in UNTRAINED_CONTROLS if method.score == "corpus"}
    return [*words, *([f"--corpus={CORPUS}"] if of_corpus & {row["method"] for row in rows} else [])]


def _calibration_words(card: Mapping[str, Any]) -> list[str]:
    told = card["held_out"]
    tests = [one["test"] for one in told["sets"]]
    words = [f"--translator={card['name']}", f"--references={REFERENCES}", f"--network={told['network']}"]
    words += [f"--test={test}" for test in tests]
    words.append(f"--without={card['training'][0]['reference'].split()[0]}")
    words += [f"--other=loo-{test}" for test in tests] if told["training"] else []
    return [*words, *(f"--chosen-on={one}" for one in card.get("chosen_on", ()))]


def _text(name: object) -> str:
    return reference_text(str(name), REFERENCES) or str(name)
