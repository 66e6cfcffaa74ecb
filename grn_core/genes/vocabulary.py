"""Genes against the vocabulary of a model: how many it knows, how they reached it, and what is lost."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass

from grn_core.genes.gene_match import RECOGNISED, GeneMatch, not_recognised
from grn_core.genes.match import match_genes
from grn_core.genes.tf_lists import AUTO, default_tf_list, find_tf_list, human_tfs_of, tf_list

EXAMPLES = 5


@dataclass(frozen=True)
class VocabularyReport:
    """What a model knows of some genes. Names are those that results give, in the order of the alphabet.

    Attributes
    ----------
    model
        The model's title.
    species, id_type
        Of the names: ``human`` or ``mouse``, ``symbol`` or ``ensembl``.
    n_names
        Names that were given.
    n_known
        Names that reached the vocabulary; of these `n_alias` as an older symbol and `n_ortholog` through a 1:1
        ortholog.
    aliases
        Examples of the former: name and today's symbol in its species.
    unknown
        Names that no table of the species knows.
    without_ortholog
        Mouse genes without a 1:1 human ortholog.
    not_in_model
        Genes with a human symbol that the vocabulary lacks.
    n_tfs, lost_tfs
        TFs of the list among the genes, and those of them that are lost for one of the three reasons.
    """

    model: str
    species: str
    id_type: str
    n_names: int
    n_known: int
    n_alias: int
    n_ortholog: int
    aliases: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]
    without_ortholog: tuple[str, ...]
    not_in_model: tuple[str, ...]
    n_tfs: int
    lost_tfs: tuple[str, ...]

    def sentences(self, *, asked: bool = True) -> tuple[str, ...]:
        """The report in plain words, what was lost with its first names.

        Parameters
        ----------
        asked
            Whether the model is asked, and not only its vocabulary taken.
        """
        share = f"{self.n_known / max(1, self.n_names):.0%}"
        told = [f"{self.model} knows {self.n_known:,} of the {self.n_names:,} genes ({share})."]
        if not asked:
            count = f"{self.n_known:,} of the {self.n_names:,} genes ({share})"
            told = [f"{count} can take part: those that {self.model} knows, so that its network has the same pairs."]
        if self.n_names - len(self.unknown) < RECOGNISED * self.n_names:
            return (*told, not_recognised(self.unknown, n_names=self.n_names))
        if self.n_alias:
            some = ", ".join(f"{name} is {symbol}" for name, symbol in self.aliases)
            are = (
                "is an older or other name of a known gene"
                if self.n_alias == 1
                else "are older or other names of known genes"
            )
            told.append(f"{self.n_alias:,} of them {are}: {some}.")
        if self.species == "mouse":
            told.append(f"{self.n_ortholog:,} mouse genes were asked as their 1:1 human ortholog.")
        for names, one, many in (
            (
                self.without_ortholog,
                "mouse gene has no 1:1 human ortholog and is lost",
                "mouse genes have no 1:1 human ortholog and are lost",
            ),
            (
                self.not_in_model,
                "gene is not in the model's vocabulary and is lost",
                "genes are not in the model's vocabulary and are lost",
            ),
            (self.unknown, "name is no known gene and is lost", "names are no known gene and are lost"),
        ):
            if names:
                told.append(f"{len(names):,} {one if len(names) == 1 else many}: {_some(names)}.")
        if lost := len(self.lost_tfs):
            are = "is" if lost == 1 else "are"
            told.append(f"{lost:,} of the {self.n_tfs:,} TFs {are} among the lost: {_some(self.lost_tfs)}.")
        elif self.n_tfs:
            told.append("Every TF is known to the model." if asked else "Every TF is among them.")
        return tuple(told)

    def to_json(self) -> dict[str, object]:
        """Return the fields as JSON types."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}


def vocabulary_report(
    match: GeneMatch,
    vocabulary: Collection[str],
    *,
    model: str,
    tfs: str | Iterable[str] = "auto",
    labels: Sequence[str] = (),
) -> VocabularyReport:
    """Report what a model knows of matched genes.

    Parameters
    ----------
    match
        The genes of a dataset or of a list (`grn_core.genes.match_genes`).
    vocabulary
        The model's genes, human symbols.
    model
        The model's title.
    tfs
        A name in `grn_core.genes.TF_LISTS`, ``auto`` being the list of the genes' species, or names of TFs.
    labels
        What results call each of the genes, in the order of the match; their names if empty.
    """
    known, wanted = frozenset(vocabulary), _tfs(tfs, match.species)
    rows = sorted(
        zip(labels or match.names, match.names, match.symbols, match.own_symbols, strict=True), key=lambda row: row[:2]
    )
    reached = [(label, name, own) for label, name, symbol, own in rows if own is not None and symbol in known]
    by_symbol = match.id_type == "symbol"
    aliases = [(label, own) for label, name, own in reached if by_symbol and own.upper() != name.upper()]
    tfs_there = [row for row in rows if wanted.intersection(row[1:])]
    return VocabularyReport(
        model=model,
        species=match.species,
        id_type=match.id_type,
        n_names=len(rows),
        n_known=len(reached),
        n_alias=len(aliases),
        n_ortholog=len(reached) if match.species == "mouse" else 0,
        aliases=tuple(aliases[:EXAMPLES]),
        unknown=tuple(label for label, _, _, own in rows if own is None),
        without_ortholog=tuple(label for label, _, symbol, own in rows if own is not None and symbol is None),
        not_in_model=tuple(label for label, _, symbol, _ in rows if symbol is not None and symbol not in known),
        n_tfs=len(tfs_there),
        lost_tfs=tuple(label for label, _, symbol, own in tfs_there if own is None or symbol not in known),
    )


def _tfs(tfs: str | Iterable[str], species: str) -> frozenset[str]:
    """Symbols of a TF list: human ones, and those of the genes' own species for TFs without an ortholog."""
    if isinstance(tfs, str):
        name = default_tf_list(species) if tfs == AUTO else tfs
        return human_tfs_of(name) | (tf_list(name) if find_tf_list(name).species == species else frozenset())
    names = tuple(tfs)
    if not names:
        return frozenset()
    match = match_genes(names, species=species, common=True)
    return frozenset(filter(None, (*match.symbols, *match.own_symbols)))


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:EXAMPLES]) + (" and more" if len(names) > EXAMPLES else "")
