"""What of a run's cells was guessed when their file was read, and whether the user has confirmed it since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grn_core.datasets import Dataset

BEFORE = "It is doubtful "
"""How the notes on a guess begin in runs that hold them among others alone."""


def doubts_of(dataset: Dataset) -> list[dict[str, str]]:
    """Return the doubts of a dataset as a run keeps them: ``text``, and of a question also ``about`` and ``guess``."""
    asked = {one.doubt: {"about": one.about, "guess": one.guess} for one in dataset.reading.questions}
    return [{"text": text, **asked.get(text, {})} for text in dataset.reading.doubts]


def standing(record: Mapping[str, Any]) -> list[str]:
    """Return the doubts of a finished run that hold still, in sentences.

    A guess that the user has confirmed since is none; where something else was said, that stands beside it.

    Parameters
    ----------
    record
        ``run.json``.
    """
    from grn_core.datasets.store import answers_to

    result, request = record.get("result") or {}, record.get("request") or {}
    kept = result.get("doubts")
    if kept is None:
        kept = [{"text": text} for text in result.get("notes", ()) if text.startswith(BEFORE)]
    said = answers_to(str(request.get("dataset_ref", ""))).said
    found = []
    for one in kept:
        word = said.get(one.get("about", ""))
        if word is None:
            found.append(one["text"])
        elif word != one["guess"]:
            found.append(f"This run took {one['guess']} for a guess, and you have said {word} since: infer anew.")
    return found


def notes_of(record: Mapping[str, Any]) -> list[str]:
    """Return the notes of a finished run, of its doubts those that hold still."""
    result = record.get("result") or {}
    doubts = {one["text"] for one in result.get("doubts", ())}
    still = standing(record) if doubts else []
    return [*still, *(text for text in result.get("notes", ()) if text not in doubts)]
