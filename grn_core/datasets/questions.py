"""The questions that a file leaves open, and what each answer would give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from grn_core.datasets.kinds import find_kind
from grn_core.datasets.read_as import DECIMALS, ORIENTATIONS, ReadAs
from grn_core.datasets.reading import OPTIONS, Candidate, Question, Reading, doubt
from grn_core.errors import DoubtfulError
from grn_core.genes import GeneMatch, default_tf_list, human_tfs_of

if TYPE_CHECKING:
    from grn_core.datasets.dataset import Dataset
    from grn_core.datasets.kinds import ToldValues

MOST_CONTRARY = 0.2
"""Share of rows up to which two columns may name another gene, of those that both name one, and still say the same."""
TRUST = "--trust-guess"


def held_by(match: GeneMatch) -> tuple[int, int]:
    """Return the number of human TFs, and of genes with a human symbol, among names."""
    symbols = set(filter(None, match.symbols))
    return len(symbols & human_tfs_of(default_tf_list(match.species))), len(symbols)


def about_orientation(by_row: GeneMatch, by_column: GeneMatch, *, in_rows: bool) -> tuple[Question, ...]:
    """Ask where the genes are, where the names of rows and of columns are genes alike; nothing where one side tells."""
    if not (by_row.recognised and by_column.recognised):
        return ()
    found = {"genes-in-rows": by_row, "genes-in-columns": by_column}
    why = "names of genes stand in the first column and in the header"
    return question_of(
        "orientation",
        "where the genes are",
        why=why,
        guess="genes-in-rows" if in_rows else "genes-in-columns",
        candidates=[Candidate(word, ORIENTATIONS[word], *held_by(match)) for word, match in found.items()],
    )


def about_names(found: Mapping[str, GeneMatch], *, taken: str, usual: str, title: str) -> tuple[Question, ...]:
    """Ask which column names the genes, where another one names other genes in the same rows.

    Parameters
    ----------
    found
        What became of the names of each column; ``""`` is the names where no column is taken.
    taken
        The column that was taken.
    usual, title
        What the user calls ``""``, and what menus do.
    """
    mine = found[taken]
    if not mine.recognised:
        return ()
    contrary = {name: n for name, match in found.items() if name != taken and (n := _contrary(mine, match))}
    if not contrary:
        return ()
    words = {name: f"the column {name}" if name else title for name in found}
    name, n = max(contrary.items(), key=lambda one: one[1])
    return question_of(
        "name_column",
        "which column names the genes",
        why=f"{words[taken]} and {words[name]} name different genes in {n:,} of {len(mine.names):,} rows",
        guess=taken or usual,
        candidates=[Candidate(one or usual, words[one], *held_by(found[one])) for one in (taken, *contrary)],
    )


def _contrary(one: GeneMatch, other: GeneMatch) -> int:
    """Return in how many rows two columns name different genes; 0 where they are few, or the other names no genes."""
    if not other.recognised:
        return 0
    both = [(a, b) for a, b in zip(one.symbols, other.symbols, strict=True) if a and b]
    n = sum(a != b for a, b in both)
    return n if n > MOST_CONTRARY * len(both) else 0


def about_species(match: GeneMatch) -> tuple[Question, ...]:
    """Ask for the species, where the names are of two, or of either."""
    if len(match.rivals) < 2:
        return ()
    return question_of(
        "species",
        "which species the genes are of",
        why=match.why_doubtful,
        guess=match.species,
        candidates=[Candidate(name, name.capitalize(), n_tfs, n_genes) for name, n_tfs, n_genes in match.rivals],
    )


def about_matrix(name: str, others: Sequence[str], holds: Mapping[str, tuple[int, int]]) -> tuple[Question, ...]:
    """Ask for the matrix, where others hold raw counts of all genes, too, and other ones."""
    if not others:
        return ()
    names = (name, *others)
    return question_of(
        "matrix",
        "which matrix holds the raw counts",
        why=f"{', '.join(names[:-1])} and {names[-1]} hold whole numbers, which differ",
        guess=name,
        candidates=[Candidate(one, one, *holds[one]) for one in names],
    )


def about_decimals(decimal: str, sign: str, example: str, match: GeneMatch) -> tuple[Question, ...]:
    """Ask whether a sign stands before decimals or between thousands, where it has three digits behind it everywhere.

    Parameters
    ----------
    decimal
        What was taken to stand before decimals.
    sign
        The sign, ``""`` where nothing is to be asked.
    example
        A number with it.
    match
        Of the genes.
    """
    if not sign:
        return ()
    called = {found: word for word, found in DECIMALS.items()}
    held = held_by(match)
    read = {word: example.replace(sign, "." if mark == sign else "") for word, mark in DECIMALS.items()}
    return question_of(
        "decimal",
        "how the numbers are written",
        why=f"a {called[sign]} stands before three digits alone, as in {example}",
        guess=called[decimal],
        candidates=[Candidate(word, f"a decimal {word}: {example} is {read[word]}", *held) for word in DECIMALS],
    )


def about_values(told: ToldValues, match: GeneMatch) -> tuple[Question, ...]:
    """Ask what the values are, where the numbers do not tell."""
    if not told.others:
        return ()
    kinds = [find_kind(name) for name in (told.kind, *told.others)]
    held = held_by(match)
    found = [Candidate(kind.name, f"{kind.title[0].upper()}{kind.title[1:]}", *held) for kind in kinds]
    return (Question("values", told.why, told.kind, tuple(found), told.doubt),)


def question_of(
    about: str, subject: str, *, why: str, guess: str, candidates: Sequence[Candidate]
) -> tuple[Question, ...]:
    """Return the one question of its kind, with the sentence that stays until it is answered."""
    taken = next(one.title for one in candidates if one.word == guess)
    return (Question(about, why, guess, tuple(candidates), doubt(about, subject, why=why, taken=taken)),)


def with_questions(reading: Reading, more: Sequence[Question], *, doubts: Sequence[str]) -> Reading:
    """Return how a file was read with further questions, in the order in which they are asked, and with all doubts."""
    questions = sorted((*reading.questions, *more), key=lambda one: list(OPTIONS).index(one.about))
    told = (*(one.doubt for one in questions), *filter(None, doubts), *reading.doubts)
    return replace(reading, questions=tuple(questions), doubts=tuple(dict.fromkeys(told)))


def refuse_open_questions(dataset: Dataset, *, stored: bool = False, todo: str = "") -> None:
    """Refuse a dataset of which something is in doubt that its user has not said.

    Parameters
    ----------
    dataset
        As it was read.
    stored
        Whether it is kept here, so that nothing more can be said of it on the command line.
    todo
        What else to do where nothing can be said of it, as of one file of many.

    Raises
    ------
    DoubtfulError
        A question is open; the error names the option that answers it, and each answer.
    """
    refuse_questions(dataset.reading.questions, title=dataset.title, stored=stored, todo=todo)


def refuse_questions(questions: Sequence[Question], *, title: str, stored: bool = False, todo: str = "") -> None:
    """Do so with the questions that a file of this title leaves open."""
    if not questions:
        return
    one = questions[0]
    option = OPTIONS[one.about]
    answers = "; ".join(f"{option}={each.word} ({each.title}: {each.gives})" for each in one.candidates)
    guess = f"or take the guess, {one.guess}, with {TRUST}"
    message = f"{one.asks} It cannot be told of {title}: {one.why}"
    todo = todo or ("answer on the page Dataset" if stored else "say which it is")
    raise DoubtfulError(message, needed=f"one of {answers}", todo=f"{todo}, {guess}")


def said_otherwise(read_as: ReadAs, about: str, word: str) -> ReadAs:
    """Return the user's word on a file with one more answer."""
    return replace(read_as, **{about: word})
