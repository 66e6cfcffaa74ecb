"""What a model is asked, resolved in one place: model, translator, readout, background, extractors, seeds, adaptation.

Reading the records is enough for that; nothing here needs torch. `grn_core.infer`, the command line, the pages and the
runs all make their plans here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.adapt.options import AdaptOptions, can_adapt
from grn_core.errors import ModelError, RequestError
from grn_core.extractors.registry import DEFAULT, known_extractors

if TYPE_CHECKING:
    from grn_core.models.record import ModelRecord
    from grn_core.translator.record import TranslatorRecord

EXTRACTORS = tuple(sorted(DEFAULT))
"""The extractors that are asked unless others are named: their ensemble."""
BACKGROUNDS = ("virtual", "context")
BOTH = "both"
ASKED_IN = (*BACKGROUNDS, BOTH)
"""Where a network is asked: in a background, or in the generic cell with co-expression in measured cells added."""
SIGNS = ("none", "slope")
"""What says activation or repression: nothing, or the slope of the model's response. How much that is worth is told by
`grn_core.translator.sign_worth`."""


@dataclass(frozen=True)
class Plan:
    """What a model is asked, with nothing left open.

    Attributes
    ----------
    model
        The model as it is called from anywhere: a name or an absolute folder; empty for one that was only loaded.
    record
        Its record.
    background
        Out of `BACKGROUNDS`.
    readout
        The readout that was asked for; None leaves it to the translator, or to a rank model's default.
    extractors
        Names, sorted; none for a rank model.
    translator
        Record of the translator; None for a rank model, which has none. Its ``name`` is its name or absolute folder.
    seeds
        Seeds of the translator, ascending.
    adapt
        How the model is adapted to the cells first; None where it is asked as it is.
    signs
        Out of `SIGNS`.
    with_coexpression
        Whether co-expression in measured cells is added to the scores (`grn_core.coexpression.added`).
    notes
        What the user should know of what was chosen.
    """

    model: str
    record: ModelRecord
    background: str
    readout: str | None
    extractors: tuple[str, ...]
    translator: TranslatorRecord | None
    seeds: tuple[int, ...]
    adapt: AdaptOptions | None
    signs: str = SIGNS[0]
    notes: tuple[str, ...] = ()
    with_coexpression: bool = False

    @property
    def reads(self) -> str:
        """The readout that is read in the end."""
        own = self.record.default_readout if self.translator is None else self.translator.readout
        return self.readout or own

    @property
    def uncalibrated(self) -> str:
        """Why the scores give no probability, in a sentence; empty where they give a calibrated one."""
        from grn_core.translator.calibration import NO_TRANSLATOR, uncalibrated

        if self.translator is None:
            return NO_TRANSLATOR
        return uncalibrated(
            self.translator.card,
            extractors=self.extractors,
            background=self.background,
            adapted=self.adapt is not None,
            with_coexpression=self.with_coexpression,
        )


def plan(
    model: str | Path | ModelRecord = "compact",
    *,
    translator: str | None = None,
    extractors: str | Sequence[str] | None = None,
    seeds: Sequence[int] | None = None,
    readout: str | None = None,
    background: str = "virtual",
    adapt: AdaptOptions | None = None,
    signs: str = SIGNS[0],
    with_coexpression: bool = False,
    has_cells: bool = True,
    network: str = "",
) -> Plan:
    """Resolve what a model is asked, and refuse what it cannot be.

    Parameters
    ----------
    model
        Name or folder of a foundation model, or the record of a loaded one.
    translator
        Name or folder; if None that of `grn_core.translator.registry.DEFAULT` or, where that does not fit the model,
        the background or the readout, the first that does.
    extractors
        One or more names; if None those that the translator asks together (`TranslatorRecord.ensemble`).
    seeds
        Seeds of the translator; all that it holds if None.
    readout
        Output of the model that is read; the translator's, or a rank model's default, if None.
    background
        ``virtual``, or ``context``: the chosen cells, which the readout must show to the model.
    adapt
        How the model is adapted to the cells first; no steps are no adaptation.
    signs
        ``none``, or ``slope``: edges get the sign of the model's response.
    with_coexpression
        Whether co-expression in the chosen cells is added to the scores of the generic cell.
    has_cells
        Whether there are measured cells.
    network
        Digest of a loaded model's network (`grn_core.models.weights.base_digest`), where `model` is its record.

    Returns
    -------
    Plan
        The same for the same answers of the registries: nothing is drawn.

    Raises
    ------
    RequestError, ModelError, TranslatorError
        Nothing fits, or what was named is not there or does not fit; the error names what does.
    """
    from grn_core.models.registry import located, network_sha, record_of
    from grn_core.translator.compatibility import check, check_background, readouts_for

    if background not in BACKGROUNDS:
        message = f"unknown background {background!r}"
        raise RequestError(message, needed=" or ".join(BACKGROUNDS), todo="correct it")
    if signs not in SIGNS:
        message = f"unknown signs {signs!r}"
        raise RequestError(message, needed=" or ".join(SIGNS), todo="correct it")
    if isinstance(model, str | Path):
        called = located(str(model))
        record, network = record_of(called), network_sha(called)
    else:
        called, record = "", model
    adapt = adapt if adapt is not None and adapt.steps else None
    if adapt is not None:
        check_adaptation(record)
    if not record.takes_values and translator is None:
        given: dict[str, object] = {"extractors": extractors, "seeds": seeds, "adapt": adapt}
        given["background"] = None if background == BACKGROUNDS[0] else background
        given["signs"] = None if signs == SIGNS[0] else signs
        given["with-coexpression"] = with_coexpression
        _check_rank_model(record, readout, has_cells=has_cells, given=[name for name, one in given.items() if one])
        return Plan(called, record, BACKGROUNDS[0], readout, (), None, (), None)
    check_background(background, has_cells=has_cells)
    check_coexpression(background, has_cells=has_cells, added=with_coexpression)
    wanted = readouts_for(record, background=background, readout=readout)
    fits = _translator(translator, called, network, wanted)
    chosen = fits.ensemble if extractors is None else known_extractors(extractors)
    check(
        fits,
        record,
        extractors=chosen,
        seeds=seeds,
        readout=readout,
        background=background,
        has_cells=has_cells,
        called=called,
    )
    notes: tuple[str, ...] = ()
    if wanted and translator is None:
        why = ", which shows the model the other genes" if background == "context" else ""
        notes = (f"translator {fits.name} is taken: it reads the readout {fits.readout}{why}",)
    taken = tuple(sorted(set(fits.seeds if seeds is None else seeds)))
    asked = tuple(sorted(set(chosen)))
    return Plan(called, record, background, readout, asked, fits, taken, adapt, signs, notes, with_coexpression)


def asked_in(background: str, *, with_coexpression: bool) -> str:
    """Return where a network is asked, out of `ASKED_IN`."""
    return BOTH if with_coexpression else background


def check_coexpression(background: str, *, has_cells: bool, added: bool) -> None:
    """Refuse co-expression beside a model that is asked without cells, or in them: no such sum was measured."""
    if not added:
        return
    if not has_cells:
        message = "co-expression was asked for without a dataset"
        raise RequestError(message, needed="measured cells", todo="name a dataset, or leave it out")
    if background != BACKGROUNDS[0]:
        message = f"co-expression was asked for beside the background {background}"
        raise RequestError(message, needed=f"the background {BACKGROUNDS[0]}", todo="leave out one of the two")


def translators_for(model: str, *, background: str = "virtual") -> tuple[TranslatorRecord, ...]:
    """Return the records of the translators that a model can be asked with on a background, the default one first."""
    from grn_core.models.registry import record_of
    from grn_core.translator.compatibility import shows_cells
    from grn_core.translator.registry import DEFAULT, fitting

    record = record_of(model)
    found = [one for one in fitting(model) if background == "virtual" or shows_cells(one, record)]
    return tuple(sorted(found, key=lambda one: one.name != DEFAULT))


def _translator(name: str | None, called: str, network: str, readouts: Sequence[str] | None) -> TranslatorRecord:
    """Return the record of the translator that was named or is taken, as it is called from anywhere."""
    from grn_core.translator.registry import default_for, located, record_for

    chosen = str(name or default_for(network, model=called, readouts=readouts))
    record = record_for(chosen, model=called, sha=network)
    return replace(record, name=located(chosen))


def check_adaptation(record: ModelRecord) -> None:
    """Refuse an adaptation of a model that cannot be adapted."""
    if not can_adapt(record.family):
        message = f"{record.title} cannot be adapted to cells yet"
        raise ModelError(message, needed="a model of the family compact", todo="leave out the adaptation")


def _check_rank_model(record: ModelRecord, readout: str | None, *, has_cells: bool, given: Sequence[str]) -> None:
    """Refuse what belongs to extractors and translators, an unknown readout, and one that needs cells without any."""
    from grn_core.models.geneformer.readouts import READOUTS

    needed = f"one of {', '.join(record.readouts)}"
    if given:
        message = f"--{given[0]} was given with {record.title}: {record.unavailable}"
        raise RequestError(message, needed=f"--readout with {needed}", todo=f"leave out {given[0]}")
    chosen = readout or record.default_readout
    if chosen not in record.readouts:
        message = f"the model {record.title} has no readout {chosen!r} that needs no translator"
        raise RequestError(message, needed=needed, todo="choose another readout or model")
    if not has_cells and READOUTS[chosen].needs_cells:
        without = ", ".join(name for name in record.readouts if not READOUTS[name].needs_cells)
        message = f"the readout {chosen!r} was asked of a gene list without cells"
        raise RequestError(message, needed=f"a dataset with cells, or the readout {without}", todo="name a dataset")
