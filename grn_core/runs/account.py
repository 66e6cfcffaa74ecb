"""What a finished run says of itself beside its edges: for a report, and for the methods section of a paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grn_core.coexpression import find_method
from grn_core.coexpression.added import METHOD, WEIGHT
from grn_core.extractors import EXTRACTORS
from grn_core.extractors.records import PAPER
from grn_core.genes.usual import JOININGS
from grn_core.networks.exports.records import Account
from grn_core.runs.kinds.coexpression import CoexpressionRequest
from grn_core.runs.kinds.consensus import ConsensusRequest
from grn_core.runs.kinds.import_network import ImportRequest
from grn_core.runs.kinds.infer import InferRequest
from grn_core.runs.kinds.panel import GENES_ONLY, PanelRequest
from grn_core.runs.kinds.ranks import RanksRequest
from grn_core.translator.registry import record_of
from grn_core.version import VERSION

if TYPE_CHECKING:
    from grn_core.runs.finished import FinishedRun

PROGRAM = "GRN Studio"
SHORT = 12
"""Characters of a hash that are written in a sentence; the record has them all."""


def account_of(run: FinishedRun, *, command: str = "") -> Account:
    """Return what a report says of a run.

    Parameters
    ----------
    run
        A finished network.
    command
        The command line that computes the same; `grn_core.cli.command.shown` knows it.
    """
    return Account(
        title=run.title,
        run_id=run.id,
        created=str(run.record.get("created", ""))[:10],
        reading=_reading(run),
        methods=methods_paragraph(run),
        notes=tuple(str(note) for note in _result(run).get("notes") or ()),
        command=command,
        record=run.record,
    )


def methods_paragraph(run: FinishedRun) -> str:
    """Return how a network was made, in sentences for the methods section of a paper: every input, option and version.

    Parameters
    ----------
    run
        A finished network of any kind.
    """
    versions = run.record.get("versions") or {}
    results = versions.get("results", "not written down")
    program = f"{PROGRAM} (version {VERSION}, results version {results}, run {run.id})"
    packages = ", ".join(
        f"{name} {versions[name]}" for name in ("python", "torch", "numpy", "scikit-learn") if name in versions
    )
    computed = f"Computed with {packages}." if packages else ""
    parts = [*_genes(run), *_method(run), computed]
    return f"The network was made with {program}. {' '.join(part for part in parts if part)}"


def _result(run: FinishedRun) -> dict[str, Any]:
    result: dict[str, Any] = run.record.get("result") or {}
    return result


def _genes(run: FinishedRun) -> list[str]:
    """Say which genes and cells took part."""
    asked, result = run.request, _result(run)
    if not isinstance(asked, PanelRequest):
        return []
    sizes = f"{result.get('sources', 0):,} TFs and {result.get('genes', 0):,} genes, {result.get('edges', 0):,} pairs"
    if asked.dataset_ref == GENES_ONLY:
        return [f"{sizes}, came from a list of {len(asked.genes or ()):,} gene names without cells."]
    where = f"the data set '{asked.subject}' (SHA-256 {asked.dataset_sha[:SHORT]}...)"
    if asked.cells is not None:
        column, values = asked.cells
        where += f", of the cells whose {column} is {' or '.join(values)}"
    if asked.genes is not None:
        chosen = f"a list of {len(asked.genes):,} genes"
    else:
        chosen = f"the TFs that are expressed and the {asked.n_variable:,} most variable other genes"
    tfs = f"TF list '{asked.tfs}'" if isinstance(asked.tfs, str) else f"{len(asked.tfs):,} TFs that were named"
    return [f"Genes were chosen from {where}: {chosen} ({tfs}); {sizes}."]


def _method(run: FinishedRun) -> list[str]:
    """Say how the pairs were scored."""
    asked = run.request
    if isinstance(asked, InferRequest):
        told = [_model(run, asked), _translator(asked), _coexpression(run, asked)]
        return [*told, _probability(run), run.about_signs]
    if isinstance(asked, RanksRequest):
        return [f"Pairs were scored by {_score_title(run)} of the model '{asked.model}'{_sha(run, 'model')}."]
    if isinstance(asked, CoexpressionRequest):
        method = find_method(asked.method)
        options = ", ".join(f"{name} {value}" for name, value in asked.options)
        seeded = f"seed {asked.seed}" if method.seeded else ""
        said = "; ".join(part for part in (options, seeded) if part)
        cells = f" in {_result(run)['cells']:,} cells" if "cells" in _result(run) else ""
        return [f"Pairs were scored by {method.title}{cells}{f' ({said})' if said else ''} ({method.reference})."]
    if isinstance(asked, ConsensusRequest):
        way = JOININGS[asked.method]
        return [f"It joins {way.joins} of {len(asked.runs)} networks (runs {', '.join(asked.runs)}) by {way.by}."]
    if isinstance(asked, ImportRequest):
        return [f"It was read from the file '{asked.subject}' (SHA-256 {asked.file_sha[:SHORT]}...)."]
    return []


def _model(run: FinishedRun, asked: InferRequest) -> str:
    names = " and ".join(EXTRACTORS[name].label for name in asked.extractors if name in EXTRACTORS)
    adapted = "" if asked.adapt is None else f", its pre-training continued on these cells for {asked.adapt:,} steps,"
    cell = (
        "a generic cell, in which all other genes stand at the model's own middle value"
        if asked.background == "virtual"
        else "the mean of these cells"
    )
    return (
        f"The foundation model '{asked.model}'{_sha(run, 'model')}{adapted} was asked in {cell}; "
        f"its answers were read as {names} ({PAPER})."
    )


def _coexpression(run: FinishedRun, asked: InferRequest) -> str:
    if not asked.with_coexpression:
        return ""
    method = find_method(METHOD)
    return (
        f"To the score {WEIGHT:g} times the log-odds of the rank of the size of the {method.title} "
        f"in {_result(run).get('cells', 0):,} cells was added ({method.reference})."
    )


def _translator(asked: InferRequest) -> str:
    seeds = f"the mean over seeds {', '.join(map(str, asked.seeds))}"
    seeds = seeds if len(asked.seeds) > 1 else f"with seed {asked.seeds[0]}"
    known = record_of(asked.translator)
    told = "" if known is None else f" ({known.title})"  # that of an old run may be gone
    return f"The translator '{asked.translator}'{told} scored them, {seeds}."


def _probability(run: FinishedRun) -> str:
    if run.prior is not None:
        how = "on held-out data sets" if run.calibration else "and corrected for how rare edges are"
        return f"Probabilities are calibrated {how}: {run.share_of_edges}."
    if run.score is None:
        return "Probabilities are calibrated on as many edges as negatives."
    return f"Scores are no probabilities. {run.why}".strip()


def _score_title(run: FinishedRun) -> str:
    return str((run.score or {}).get("title", "its scores"))


def _sha(run: FinishedRun, what: str) -> str:
    sha = str((run.record.get("hashes") or {}).get(what, ""))
    return f" (SHA-256 {sha[:SHORT]}...)" if sha else ""


def _reading(run: FinishedRun) -> tuple[str, ...]:
    """Say how the edges of a run are to be read, one sentence each."""
    score = run.score
    if run.prior is not None:
        what = (
            f"Probability: how likely the pair is an edge of a reference like the translator's; {run.share_of_edges}."
        )
    elif score is None:
        what = "Probability: calibrated on as many edges as negatives; read it as a ranking, not as a share."
    elif not run.scored:
        what = "The edges of this list have no scores: none comes before another."
    else:
        what = f"{score['title']}: {score['unit']}. {run.why or 'A score is no probability.'}"
    arrows = (
        "Each edge runs from a TF to a target." if run.directed else "Edges have no direction: the method is symmetric."
    )
    limits = str((_result(run).get("score") or {}).get("limits", ""))
    uncertain = f"Uncertainty. {run.uncertainty}" if run.uncertainty else ""
    return tuple(part for part in (what, arrows, run.about_signs, uncertain, limits and f"Limits. {limits}") if part)
