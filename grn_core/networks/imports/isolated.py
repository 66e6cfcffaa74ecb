"""Reading a user's network: in a process of its own, then matched here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from grn_core.datasets.isolation import read_apart
from grn_core.datasets.questions import refuse_questions
from grn_core.errors import DataError, RequestError
from grn_core.networks.imports import handed
from grn_core.networks.imports.direction import DIRECTIONS
from grn_core.networks.imports.matched import Imported, match

if TYPE_CHECKING:
    import pandas as pd

    from grn_core.networks.imports.records import EdgeList


def edge_list_of(path: Path, *, score: str | None = None) -> tuple[str, EdgeList]:
    """Return the title of a file's format and its edges as they stand; it is parsed once, in a process of its own.

    Parameters
    ----------
    path
        The file.
    score
        As in `read_network`.

    Raises
    ------
    DataError
        It is no network, is damaged, or took more memory or time than its size allows.
    """
    if not path.is_file():
        message = f"there is no file {path}"
        raise DataError(message, needed="a network", todo="check the path")
    return read_apart(path, reader=handed.__name__, options={"score": score}, load=handed.load, keep=True)


def imported(
    path: str | Path,
    *,
    species: str | None = None,
    score: str | None = None,
    ranked: bool = False,
    signed: bool = False,
    direction: str | None = None,
) -> Imported:
    """Read a network with all that is known of it; see `read_network`."""
    if direction not in (None, *DIRECTIONS):
        message = f"there is no direction {direction!r}"
        raise RequestError(message, needed=f"one of {', '.join(DIRECTIONS)}", todo="correct it")
    title, edges = edge_list_of(Path(path).expanduser(), score=score)
    return match(edges, title=title, species=species, ranked=ranked, signed=signed, direction=direction)


def read_network(
    path: str | Path,
    *,
    species: str | None = None,
    score: str | None = None,
    ranked: bool = False,
    signed: bool = False,
    direction: str | None = None,
) -> pd.DataFrame:
    """Read the network of another tool, or one that this program wrote.

    The format is told from the content: see `NETWORK_FORMATS`. Scores and signs are those of the file: where it has
    none, every edge has the score 1 and no sign.

    Parameters
    ----------
    path
        The file, plain, gzip or bzip2.
    species
        ``human`` or ``mouse``; found from the names if not given.
    score
        Column that holds the scores, by its name, or its number from 1 where the file names none; the higher, the
        better. Told from the names if not given.
    ranked
        Whether the edges of a file without scores stand best first.
    signed
        Whether the sign of a score is that of the edge, and its size the score.
    direction
        ``as-written``, or ``turned`` where the file names the target of each edge first; asked for where clearly more
        of its targets than of its sources are TFs, or nothing tells which is which.

    Returns
    -------
    pandas.DataFrame
        Table of edges, see `grn_core.networks.edge_table`; names that no table of genes knows stay as they are.
        ``attrs["notes"]`` says in sentences what was read how, guessed and left out, as the command does.

    Raises
    ------
    DataError
        It is no network, or damaged.
    DoubtfulError
        Which end of an edge is the TF cannot be told.
    """
    found = imported(path, species=species, score=score, ranked=ranked, signed=signed, direction=direction)
    refuse_questions([one for one in found.questions if one.about == "direction"], title=Path(path).name)
    found.edges.attrs["notes"] = list(found.notes)
    return found.edges
