"""Files of a corpus that do not tell for sure how they are to be read: refused before anything is computed of them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from grn_core.datasets.local import asks_of, file_ref, load_file
from grn_core.datasets.questions import refuse_open_questions
from grn_core.datasets.read_as import FROM_THE_FILE, ReadAs
from grn_core.errors import DataError, TooFewCellsError
from grn_core.pretrain.files import KINDS, corpus_files
from grn_core.progress import Progress, silent

AVERAGES = ReadAs(values="counts")
"""How averages are read, see `grn_core.pretrain.corpus.read_cells`."""


def refuse_doubtful(folder: Path, *, profiles: Path | None = None, progress: Progress = silent) -> None:
    """Read every file of a corpus, and refuse one that leaves a question open.

    Parameters
    ----------
    folder, profiles, progress
        As of `grn_core.pretrain.corpus.load_corpus`; what is read is kept, so that it is parsed once.

    Raises
    ------
    DoubtfulError
        With the name of the file, and the question.
    DataError, GeneError
        A file cannot be read.
    """
    files = _files(folder, profiles)
    for done, (path, read_as) in enumerate(files):
        progress("read", done, len(files))
        try:
            ref = file_ref(path, read_as=read_as)
        except TooFewCellsError:  # left out of a corpus
            continue
        if asks_of(ref):
            todo = f"write {path.name} so that it tells, or take it out of {path.parent}"
            refuse_open_questions(load_file(ref), todo=todo)


def asks(folder: Path, *, profiles: Path | None = None) -> bool:
    """Whether some file of a corpus is known to leave a question open."""
    with suppress(DataError):  # a folder that is gone asks nothing
        return any(asks_of(f"file{read_as.to_text()}:{path.resolve()}") for path, read_as in _files(folder, profiles))
    return False


def _files(folder: Path, profiles: Path | None) -> list[tuple[Path, ReadAs]]:
    places = {KINDS[0]: (folder, FROM_THE_FILE)} | ({} if profiles is None else {KINDS[1]: (profiles, AVERAGES)})
    return [(path, read_as) for place, read_as in places.values() for path in corpus_files(place)]
