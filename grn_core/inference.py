"""The road in one function: dataset -> panel -> model -> pair features -> translator -> ranked edges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.coexpression import InCells
from grn_core.datasets import Dataset, GenePanel
from grn_core.errors import RequestError
from grn_core.executors import HERE, Executor
from grn_core.planning import Plan, plan
from grn_core.progress import Progress, silent

if TYPE_CHECKING:
    import pandas as pd

    from grn_core.adapt import Adaptation
    from grn_core.models.interface import FoundationModel
    from grn_core.models.record import ModelRecord


def infer(
    data: GenePanel | Dataset,
    *,
    model: str | Path | FoundationModel = "compact",
    translator: str | None = None,
    extractors: str | Sequence[str] | None = None,
    seed: int | None = None,
    seeds: Sequence[int] | None = None,
    readout: str | None = None,
    background: str = "virtual",
    adapt: Adaptation | None = None,
    signs: str = "none",
    coexpression: Dataset | InCells | None = None,
    folder: Path | None = None,
    progress: Progress = silent,
    note: Callable[[str], object] | None = None,
    device: str | None = None,
    methods: str | Sequence[str] | None = None,
) -> pd.DataFrame:
    """Infer a gene regulatory network.

    Parameters
    ----------
    data
        Gene panel, or a dataset (its default panel is taken). Genes that the model does not know are left out, and a
        note counts and names them.
    model
        Name of a foundation model, the folder of a checkpoint, or a loaded model. One that is named stays in memory
        until another is asked for on the same device.
    translator
        Name of a translator for that model, or a folder that holds one. If None, that of
        `grn_core.translator.registry.DEFAULT` or, where that does not fit the model, the background or the readout, the
        first that does.
    extractors
        One or more that the translator has learnt; if None those that it asks together (`TranslatorRecord.ensemble`).
    seed
        The one seed of the translator that is asked; the seeds have no part in the uncertainty then.
    seeds
        Seeds of the translator to average, in the place of `seed`; all it has if both are None.
    readout
        Output of the model that is read; the one the translator was trained on if None.
    background
        ``virtual``: no measured cell takes part. ``context``: the other genes are at their mean over the panel's cells;
        this needs a translator of a readout that shows them to the model. Translators are calibrated on the virtual
        background, so under ``context`` there is no probability.
    adapt
        Cells that the model's pre-training is continued on first (`grn_core.adapt`); the model itself stays as it is,
        and the adapted weights are kept on disk; there is no probability then. None asks the model as it is.
    signs
        ``none``: edges have no sign. ``slope``: that of the model's response; measured, it is hardly better than a
        guess, see `grn_core.translator.sign_worth`.
    coexpression
        Measured cells, all of a dataset or some (`grn_core.coexpression.InCells`), whose co-expression of TF and target
        is added to the score: half the log-odds of its rank. There is no probability then. None adds nothing; what it
        is worth is told by `grn_core.translator.cells_worth`.
    folder
        Run folder: pair features go to ``folder/features``, and finished chunks found there are kept.
    progress
        Listener: stages ``load``, ``adapt`` and ``co-expression`` if asked for, ``extract``, ``score``; may cancel.
    note
        Called with a sentence on what the user should know, e.g. what an adaptation did.
    device
        ``auto``, ``cpu``, ``cuda`` or ``mps``.
    methods
        Older name of `extractors`.

    Returns
    -------
    DataFrame
        Best edge first; columns as in `grn_core.networks.edge_table`, values as in
        `grn_core.translator.apply.score_edges`. Deterministic: seeds only choose among trained translators.
        ``edges.attrs["device"]`` says what computed them, ``edges.attrs["notes"]`` what the user should know of them. A
        rank model, which serves no extractor, takes no translator and gives no probability: see
        `grn_core.extractors.ranks.rank_edges`.

    Raises
    ------
    GrnError
        A subclass that says what was found, needed and what to do.
    """
    if seed is not None and seeds is not None:
        message = f"seed={seed} and seeds={list(seeds)} were given"
        raise RequestError(message, needed="one of the two", todo="leave out the other")
    network: FoundationModel | None = None
    progress("load", 0, 1)
    if isinstance(model, str | Path):
        from grn_core.models.load import resident_model

        digest = ""
        resident_model(model, device=device)  # a folder that was never loaded is described by its first load
        named: str | Path | ModelRecord = model
    else:
        from grn_core.models.weights import base_digest

        network, named, digest = model, model.record, base_digest(model)
    asked = plan(
        named,
        translator=translator,
        extractors=extractors or methods,
        seeds=seeds if seed is None else (seed,),
        readout=readout,
        background=background,
        adapt=None if adapt is None else adapt.options,
        signs=signs,
        with_coexpression=coexpression is not None,
        has_cells=coexpression is not None or isinstance(data, Dataset) or bool(data.dataset_ref),
        network=digest,
    )
    return infer_planned(
        data,
        asked,
        network=network,
        adapt=adapt,
        coexpression=InCells(coexpression) if isinstance(coexpression, Dataset) else coexpression,
        folder=folder,
        progress=progress,
        note=note,
        device=device,
    )


def infer_planned(
    data: GenePanel | Dataset,
    asked: Plan,
    *,
    network: FoundationModel | None = None,
    adapt: Adaptation | None = None,
    coexpression: InCells | None = None,
    folder: Path | None = None,
    progress: Progress = silent,
    note: Callable[[str], object] | None = None,
    device: str | None = None,
    executor: Executor = HERE,
) -> pd.DataFrame:
    """Infer as a plan says.

    Parameters
    ----------
    data, folder, progress, note, device
        As in `infer`.
    asked
        What the model is asked.
    network
        The model of the plan, where it is loaded already.
    adapt
        Cells for the adaptation of the plan.
    coexpression
        Cells for the co-expression of the plan.
    executor
        What asks a model that the plan names; everything else is computed here.

    Returns
    -------
    DataFrame
        As of `infer`.
    """
    from grn_core.coexpression.added import strengths
    from grn_core.extractors.engine import extract
    from grn_core.extractors.ranks import rank_edges
    from grn_core.models.device import device_name
    from grn_core.models.load import resident_model
    from grn_core.networks import GeneNames
    from grn_core.translator.apply import score_edges
    from grn_core.translator.registry import load_translator
    from grn_core.translator.sign_worth import in_words

    told: list[str] = []

    def tell(text: str) -> None:
        told.append(text)
        if note is not None:
            note(text)

    progress("load", 0, 1)
    network = network or resident_model(asked.model, device=device)
    panel = _asked(data, network, tell=tell)
    if asked.translator is None:
        progress("load", 1, 1)
        edges = rank_edges(network, panel, asked.readout, progress=progress, note=tell)
        edges.attrs |= {"device": device_name(network.device.type), "notes": told}
        return edges
    scorer = load_translator(asked.translator.name)
    if asked.uncalibrated:
        tell(asked.uncalibrated)
    if asked.signs != "none":
        tell(in_words(asked.model or asked.record.name))
    progress("load", 1, 1)
    if asked.adapt is not None and adapt is not None:
        from grn_core.adapt.store import adapted_model, report_in_words

        network, report = adapted_model(network, adapt, progress=progress)
        tell(report_in_words(report))
    together = None
    if asked.with_coexpression:
        if coexpression is None:
            message = "co-expression is to be added, and no cells were given"
            raise RequestError(message, needed="measured cells", todo="give them as coexpression")
        together = strengths(panel, coexpression, progress=progress, note=tell)
    features = extract(
        network,
        panel,
        extractors=asked.extractors,
        readout=asked.reads,
        background=asked.background,
        folder=None if folder is None else folder / "features",
        progress=progress,
        note=tell,
        executor=executor,
        called=asked.model,
    )
    edges = score_edges(
        features,
        scorer,
        extractors=asked.extractors,
        seeds=asked.seeds,
        calibrated=not asked.uncalibrated,
        signed=asked.signs == "slope",
        strength=together,
        genes=GeneNames.of(panel),
        progress=progress,
    )
    edges.attrs |= {"device": executor.device(device_name(network.device.type)), "notes": told}
    return edges


def _asked(data: GenePanel | Dataset, network: FoundationModel, *, tell: Callable[[str], object]) -> GenePanel:
    """Return the genes that the model is asked about, and tell which of the user's it is not."""
    vocabulary, given = frozenset(network.vocabulary), () if isinstance(data, Dataset) else data.notes
    panel = data.panel(vocabulary=vocabulary, model=network.record.title) if isinstance(data, Dataset) else data
    panel = panel.known_to(vocabulary, model=network.record.title)
    for text in panel.notes[len(given) :]:
        tell(text)
    return panel
