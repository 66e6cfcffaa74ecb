"""The commands that make a translator anew, read off its card."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from grn_core.benchmark.protocol.methods import UNTRAINED_CONTROLS
from grn_core.benchmark.references.called import reference_text
from grn_core.benchmark.references.usual import USUAL_SEEDS

REFERENCES, CORPUS = "networks", "corpus"
"""Folders as the commands call them: BEELINE's reference networks, and the data of the pre-training."""


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


def training_words(
    *,
    name: str,
    references: Sequence[str],
    beside: Sequence[str],
    without: Sequence[str],
    tests: Sequence[str],
    model: str,
    readout: str | None,
    extractors: Sequence[str],
    cells: str,
    n_seeds: int,
    title: str,
    description: str,
    corpus: str,
) -> list[str]:
    """Return the options of ``train-translator`` that ask for a translator; parameters as of the request to train."""
    words = [f"--name={name}"]
    words += [f"--reference={text}" for text in references]
    words += [f"--beside={text}" for text in beside]
    words += [f"--without={text}" for text in without]
    words += [f"--test={text}" for text in tests]
    words += [] if model == "compact" else [f"--model={model}"]
    words += [] if readout is None else [f"--readout={readout}"]
    words.append(f"--extractors={','.join(extractors)}")
    words += [f"--cells={cells}"] if cells else []
    words += [] if n_seeds == USUAL_SEEDS else [f"--seeds={n_seeds}"]
    words += [] if title == name else [f"--title={title}"]
    words += [f"--description={description}"] if description else []
    return [*words, f"--corpus={corpus}"] if corpus else words


def _training_words(card: Mapping[str, Any]) -> list[str]:
    rows, learnt = card["evaluation"], card["training"]
    of_corpus = {method.name for method in UNTRAINED_CONTROLS if method.score == "corpus"}
    return training_words(
        name=card["name"],
        references=[_text(one["reference"]) for one in learnt if not one.get("beside")],
        beside=[_text(one["reference"]) for one in learnt if one.get("beside")],
        without=[_text(one["reference"]) for one in card.get("without", ())],
        tests=[_text(name) for name in dict.fromkeys(row["reference"] for row in rows)],
        model=card["model"],
        readout=card["readout"],
        extractors=card["extractors"],
        cells=card["cells"],
        n_seeds=len(card["seeds"]),
        title=card["title"],
        description=card["description"],
        corpus=CORPUS if of_corpus & {row["method"] for row in rows} else "",
    )


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
