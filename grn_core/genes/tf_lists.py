"""The lists of TFs that a user can choose by name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from grn_core.assets import asset
from grn_core.errors import GeneError
from grn_core.genes.tables import SPECIES, human_aliases, human_symbols, ortholog_to_human

AUTO = "auto"
"""Stands for the list of the data's own species."""


@dataclass(frozen=True)
class TFList:
    """A list of TFs.

    Attributes
    ----------
    name
        What requests, the command line and the address of a page call it.
    title, description
        For menus: what it is, and what it is good for.
    species
        Of the symbols in the file.
    file
        Under ``assets/genes``: one symbol a line.
    orthologs_only
        Whether only genes with a 1:1 mouse ortholog belong to it: a list of human TFs, taken to mouse.
    """

    name: str
    title: str
    description: str
    species: str
    file: str
    orthologs_only: bool = False


LISTS = (
    TFList(
        name="human",
        title="Human TFs (Lambert 2018)",
        description="1,639 genes that Lambert et al. (2018, doi:10.1016/j.cell.2018.01.029) judged to be TFs",
        species="human",
        file="tfs_lambert2018.txt",
    ),
    TFList(
        name="mouse",
        title="Mouse TFs (orthologs of Lambert 2018)",
        description="the 1:1 mouse orthologs of the human list",
        species="human",
        file="tfs_lambert2018.txt",
        orthologs_only=True,
    ),
    TFList(
        name="scenic",
        title="SCENIC, human",
        description="1,839 genes with a gene-ontology term of transcription (SCENIC's list); among them are ribosomal "
        "proteins and enzymes",
        species="human",
        file="tfs_scenic_human.txt",
    ),
    TFList(
        name="scenic-mouse",
        title="SCENIC, mouse",
        description="1,721 mouse genes of SCENIC's list, through 1:1 orthologs",
        species="mouse",
        file="tfs_scenic_mouse.txt",
    ),
)
TF_LISTS = (AUTO, *(one.name for one in LISTS))


def find_tf_list(name: str) -> TFList:
    """Return a list by its name; `GeneError` if there is none."""
    found = next((one for one in LISTS if one.name == name), None)
    if found is None:
        message = f"there is no TF list {name!r}"
        raise GeneError(message, needed=f"one of {', '.join(TF_LISTS)}, or names of TFs", todo="correct the name")
    return found


@lru_cache(maxsize=len(LISTS))
def tf_list(name: str) -> frozenset[str]:
    """Return the TFs of a list as its file writes them, in the symbols of its own species."""
    return frozenset(asset("genes", find_tf_list(name).file).read_text(encoding="utf-8").split())


@lru_cache(maxsize=len(LISTS))
def human_tfs_of(name: str) -> frozenset[str]:
    """Return the TFs of a list as canonical human symbols: older symbols under today's, mouse through 1:1 orthologs."""
    one, names = find_tf_list(name), tf_list(name)
    if one.species == "mouse":
        return frozenset(filter(None, map(ortholog_to_human().get, names)))
    aliases, known = human_aliases(), human_symbols()
    found = frozenset(name if name in known else aliases.get(name, name) for name in names) & known
    return found.intersection(ortholog_to_human().values()) if one.orthologs_only else found


def default_tf_list(species: str) -> str:
    """Name of the list that ``auto`` means for a species."""
    return species if species in SPECIES else SPECIES[0]
