"""Whether a translator can do what is asked, known from the records before anything is computed; torch-free."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core.errors import RequestError, TranslatorError
from grn_core.extractors.registry import check_cells, check_extractors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grn_core.models.record import ModelRecord
    from grn_core.translator.record import TranslatorRecord


def shows_cells(translator: TranslatorRecord, model: ModelRecord) -> bool:
    """Whether a translator reads a readout in which the model sees the other genes, as the background context needs."""
    return not model.hides_targets(translator.readout)


def readouts_for(model: ModelRecord, *, background: str, readout: str | None = None) -> tuple[str, ...] | None:
    """Readouts of a model of which a translator must read one; None if it may read any.

    Parameters
    ----------
    model
        The foundation model.
    background
        ``context`` needs a readout that does not hide the other genes; ``virtual`` takes any.
    readout
        The one that was asked for; None leaves the choice to the translator.

    Raises
    ------
    RequestError
        The model has no such readout, or it hides the background.
    """
    if readout is not None and readout not in model.readouts:
        message = f"{model.title} has no readout {readout!r}"
        raise RequestError(message, needed=f"one of {', '.join(model.readouts)}", todo="leave it out, or correct it")
    if background != "context":
        return None if readout is None else (readout,)
    seen = tuple(name for name in model.readouts if not model.hides_targets(name))
    if readout in seen:
        return (readout,)
    if readout is None and seen:
        return seen
    hides = f"the readout {readout!r} hides" if readout else f"every readout of {model.title} hides"
    message = f"{hides} every gene but the TF, so the background 'context' would not be seen"
    needed = f"the readout {' or '.join(seen)}" if seen else "a model with a readout that shows the other genes"
    raise RequestError(message, needed=needed, todo="leave out the readout, or take the background 'virtual'")


def check(
    translator: TranslatorRecord,
    model: ModelRecord,
    *,
    extractors: Sequence[str],
    seeds: Sequence[int] | None,
    readout: str | None,
    background: str,
    has_cells: bool,
    called: str = "",
) -> None:
    """Refuse what a translator of a model cannot be asked.

    Parameters
    ----------
    translator, model
        Their records; that the one was trained on the other is `grn_core.translator.registry.record_for`'s concern.
    extractors, seeds, readout, background
        As in `grn_core.inference.infer`.
    has_cells
        Whether there are measured cells, which the background ``context`` needs.
    called
        What the user calls the model, for the command that trains a translator.

    Raises
    ------
    RequestError
        Unknown extractors or readout; a context background without cells, or in a readout that hides it; extractors
        that need cells without any.
    TranslatorError
        The translator reads another readout, or lacks extractors or seeds; the error names those that fit.
    """
    check_extractors(model, extractors)
    check_cells(extractors, has_cells=has_cells, reads_order=not model.takes_values)
    check_background(background, has_cells=has_cells)
    wanted = readouts_for(model, background=background, readout=readout)
    if wanted is not None and translator.readout not in wanted:
        _refuse_readout(translator, wanted, asked=readout, called=called)
    lacking = [name for name in extractors if name not in translator.extractors]
    if lacking:
        message = f"the translator {translator.name!r} has not learnt to read {', '.join(lacking)}"
        needed = f"one or more of {', '.join(translator.extractors)}"
        raise TranslatorError(message, needed=needed, todo="choose these extractors, or another translator")
    missing = sorted(set(seeds or ()) - set(translator.seeds))
    if missing:
        message = f"the translator {translator.name!r} has no seed {', '.join(map(str, missing))}"
        needed = f"one or more of {', '.join(map(str, translator.seeds))}"
        raise TranslatorError(message, needed=needed, todo="leave out the seeds to take them all, or correct them")


def check_background(background: str, *, has_cells: bool) -> None:
    """Refuse the background ``context`` where there are no measured cells; a `RequestError`."""
    if background == "context" and not has_cells:
        message = "the background 'context' was asked for without cells"
        raise RequestError(message, needed="a dataset with cells", todo="name a dataset, or leave out the background")


def _refuse_readout(translator: TranslatorRecord, wanted: Sequence[str], *, asked: str | None, called: str) -> None:
    from grn_core.translator.registry import how_to_train, records

    message = f"the translator {translator.name!r} reads the model's readout {translator.readout!r}"
    message += f" and no other, not {asked!r}" if asked else ", which hides every gene but the TF"
    needed = f"a translator that reads {' or '.join(wanted)}"
    there = [
        record.name for record in records() if record.model_sha == translator.model_sha and record.readout in wanted
    ]
    if there:
        raise TranslatorError(message, needed=f"{needed}: {', '.join(there)}", todo="choose one of these translators")
    raise TranslatorError(message, needed=needed, todo=how_to_train(called, readout=wanted[0]))
