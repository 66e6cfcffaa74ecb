"""The suite ``perturbation``: a translator, its extractors and what needs no translator beside tables of changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from grn_core.benchmark.features.cache import ResultCache, reference_digest
from grn_core.benchmark.metrics.measures import Measured, Universe, summarise
from grn_core.benchmark.perturbed.controls import Controls, answers, read_corpus, shuffled, trained_on
from grn_core.benchmark.perturbed.measuring import direction, ranking_measures, rankings, sign_measures
from grn_core.benchmark.perturbed.names import CHANGED, LIKE, OFTEN, RESPONSE, SUITE, UNCHANGED, named
from grn_core.benchmark.perturbed.tables import Changes, changes_of, read_table
from grn_core.benchmark.protocol.methods import own_rows
from grn_core.benchmark.protocol.runner import Outcome
from grn_core.files import sha256_of
from grn_core.pretrain.files import corpus_sha
from grn_core.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from torch import Tensor

    from grn_core.benchmark.features.handle import ModelHandle
    from grn_core.models.interface import FoundationModel
    from grn_core.translator.translator import Translator


class Scored(NamedTuple):
    """Scores (draws, T, G) of a method, its signs (T, G) if it says any, and whether it is a control."""

    scores: np.ndarray
    signs: np.ndarray | None
    kind: str


def run_perturbation(
    tables: Sequence[str],
    handle: ModelHandle,
    translator: str,
    *,
    untrained: ModelHandle,
    references: Path | None = None,
    corpus: Path | None = None,
    home: Path | None = None,
    progress: Progress = silent,
) -> Outcome:
    """Measure a translator on tables of changes.

    Parameters
    ----------
    tables
        ``TITLE=FILE`` each, see `grn_core.benchmark.perturbed.tables.read_table`.
    handle
        The foundation model.
    translator
        Name or folder of a translator of it.
    untrained
        The same model with random weights, read by the translator as a control.
    references
        Folder of the networks that the translator was trained on: adds the controls of shuffled labels and of degrees.
    corpus
        Folder of the pre-training data: adds the control of its correlation.
    home
        Data folder of the cache; the one of the settings if None.
    progress
        Listener; may cancel: tables that are finished are kept.

    Returns
    -------
    Outcome
        A row a table and method: the response curve at the end that was perturbed, every extractor of the translator
        and its ensembles, and as controls the same on random weights by the same translator, the likeness of the
        model's vectors, how often a gene changes with the other TFs, and those of `references` and `corpus`. ``train``
        is the translator, whose training pairs are not left out.

    Raises
    ------
    DataError, TranslatorError
        A table or the translator cannot be read, or they do not fit the model.
    """
    from grn_core.translator.registry import load_translator, record_for, sha_with_card

    record = record_for(translator, model=handle.record.name, sha=handle.network_sha)
    known = trained_on(record.card, references)
    more = {
        "references": [reference_digest(one) for one in known.references],
        "beside": [reference_digest(one) for one in known.beside],
        "withheld": sorted(known.withheld),
        "corpus": "" if corpus is None else corpus_sha(corpus),
    }
    controls: Controls | None = None
    results, parts, notes, n_computed = ResultCache(home), [], [], 0
    for done, (title, path) in enumerate(map(named, tables)):
        progress("measure", done, len(tables))
        key = {
            "suite": SUITE,
            "asked": "genes that changed with another TF; of a table with p those below 0.05",
            "title": title,
            "table": sha256_of(path) if path.is_file() else "",
            "translator": sha_with_card(translator),
            "model": handle.sha,
            "untrained": untrained.sha,
            **more,
        }
        found = results.get(key)
        if found is None:
            changes = changes_of(read_table(path), frozenset(handle.vocabulary), title=title)
            own = load_translator(translator)
            controls = controls or Controls(
                untrained.load(),
                shuffled(own, known, handle, home=home, progress=progress) if known.references else None,
                known,
                [] if corpus is None else read_corpus(corpus, handle.vocabulary, progress=progress),
            )
            found = _measured(changes, handle.load(), own, controls, progress)
            results.put(key, found)
            n_computed += len(found["rows"])
        place = {"suite": SUITE, "model": handle.record.name, "readout": record.readout}
        place |= {"train": record.card.get("name", translator), "size": "", "genes": "all", "split": "kept"}
        parts.append({name: [{**place, **row} for row in found[name]] for name in ("rows", "per_tf")})
        notes += found["notes"]
    progress("measure", len(tables), len(tables))
    rows, per_tf = ([row for part in parts for row in part[name]] for name in ("rows", "per_tf"))
    return Outcome(
        pd.DataFrame(rows),
        pd.DataFrame(per_tf),
        notes=tuple(notes),
        n_computed=n_computed,
        n_measurements=len(rows),
    )


def _measured(
    changes: Changes, model: FoundationModel, translator: Translator, controls: Controls, progress: Progress
) -> dict[str, Any]:
    """Measure every method on one table: rows, rows of each TF, and notes, as JSON types."""
    rows, per_tf = [], []
    universe = Universe(
        name=UNCHANGED,
        n_sources=len(changes.tfs),
        n_targets=int(changes.asked.any(axis=0).sum()),
        n_positives=int(changes.label[changes.asked].sum()),
        n_pairs=int(changes.asked.sum()),
        prevalence=float(changes.label[changes.asked].mean()),
    )
    test = {"dataset": changes.title, "network": CHANGED, "test": f"{changes.title}:{CHANGED}", "negatives": UNCHANGED}
    for name, one in _scored(changes, model, translator, controls, progress):
        each = [rankings(changes, score) for score in one.scores]
        draws = [
            Measured({**ranking_measures(own), "direction": direction(changes, score)}, universe)
            for own, score in zip(each, one.scores, strict=True)
        ]
        place = {**test, "method": name, "kind": one.kind, "is_control": one.kind == "control"}
        row: dict[str, Any] = {**place, **summarise(draws)}
        rows.append({**row, **sign_measures(changes, one.signs)})
        per_tf += [
            {
                **place,
                "source": changes.genes[tf],
                "n_positives": int(label[asked].sum()),
                "auprc": round(float(auprc), 5),
                "prevalence": round(float(share), 5),
            }
            for tf, label, asked, (auprc, _, share) in zip(
                changes.tfs, changes.label, changes.asked, np.mean(each, axis=0), strict=True
            )
        ]
    rows = [{name: value for name, value in row.items() if value == value} for row in rows]  # without NaN
    return {"rows": rows, "per_tf": per_tf, "notes": list(changes.notes)}


def _scored(
    changes: Changes, model: FoundationModel, translator: Translator, controls: Controls, progress: Progress
) -> Iterator[tuple[str, Scored]]:
    """Yield every method: its name, its scores of all draws and its signs."""
    import torch

    from grn_core.translator.apply import signs, telling_signs
    from grn_core.translator.terms import together

    asked = sorted(translator.networks)
    logits: dict[str, list[Tensor]] = {name: [] for name in asked}
    said: dict[str, list[np.ndarray]] = {name: [] for name in asked}
    response = []
    for part, features in answers(changes, model, translator, progress=progress):
        shape = (-1, len(changes.tfs[part]), len(changes.genes))
        for name, flat in features.items():
            logits[name].append(translator.logits({name: flat}).reshape(shape))
            said[name].append(signs({name: flat}, model.record.grid, n=len(flat))[0].reshape(shape[1:]))
        if "vvp" in features:
            curves = features["vvp"].abs().numpy().reshape(*shape[1:], -1, len(model.record.grid)).mean(axis=-2)
            response.append(np.where(changes.gain[part, None], curves[..., -1], curves[..., 0]))
    whole = {name: torch.cat(parts, dim=1) for name, parts in logits.items()}
    signed = {name: np.concatenate(parts) for name, parts in said.items()}
    if response:
        yield RESPONSE, Scored(np.concatenate(response)[None], None, "extension")
    for method in own_rows(asked):
        weights: dict[str, float] = translator.card.get("weights") or {}
        own = together({name: whole[name] for name in method.extractors}, weights)
        telling = telling_signs(method.extractors)
        yield method.name, Scored(own.numpy(), None if telling is None else signed[telling.name], "method")
    vectors = torch.nn.functional.normalize(model.embed(changes.genes).float(), dim=-1).numpy()
    yield LIKE, Scored((vectors[changes.tfs] @ vectors.T)[None], None, "control")
    for name, score in controls.scores(changes, model, translator, progress=progress):
        yield name, Scored(score, None, "control")
    often = changes.label.sum(0, dtype=np.int64) - changes.label
    yield OFTEN, Scored(often[None].astype(np.float64), None, "control")
