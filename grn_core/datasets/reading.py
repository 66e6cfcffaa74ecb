"""What was guessed when a file was read, and what else there was to choose: shown to the user, who may overrule it."""

from __future__ import annotations

from dataclasses import dataclass

ASKED = {
    "orientation": "Where are the genes?",
    "name_column": "Which column names the genes?",
    "species": "Which species?",
    "matrix": "Which matrix holds the expression?",
    "decimal": "How are the numbers written?",
    "values": "What are the values?",
    "direction": "Which end of an edge is the TF?",
}
"""What can be asked, in the order in which it is; the direction of networks alone."""
OPTIONS = {name: f"--{name.replace('_', '-')}" for name in ASKED}
"""The option of the command line that answers."""


@dataclass(frozen=True)
class MatrixOffer:
    """A matrix of a file, and what it would give.

    Attributes
    ----------
    name
        ``X``, ``raw`` or ``layers/NAME``, as `read(matrix=...)` takes it.
    n_tfs, n_genes
        Human TFs, and genes with a human symbol, among its features.
    kind
        Name of the kind of its values; ``""`` where they were not looked at, or are no expression.
    refused
        Why it cannot be used; ``""`` where nothing speaks against it.
    """

    name: str
    n_tfs: int
    n_genes: int
    kind: str = ""
    refused: str = ""


@dataclass(frozen=True)
class Candidate:
    """An answer to a question, and what it would give.

    Attributes
    ----------
    word
        As `grn_core.datasets.read` takes it.
    title
        In words.
    n_tfs, n_genes
        Human TFs, and genes with a human symbol, that the file would have.
    """

    word: str
    title: str
    n_tfs: int
    n_genes: int

    @property
    def gives(self) -> str:
        """What it would give, in words."""
        return f"{self.n_tfs:,} {'TF' if self.n_tfs == 1 else 'TFs'}, {self.n_genes:,} genes"


@dataclass(frozen=True)
class Question:
    """Something that a file does not tell for sure: the guess stays in doubt until the user answers.

    Attributes
    ----------
    about
        A key of `ASKED`, which is also the option of `grn_core.datasets.read` or `grn_core.read_network` that answers.
    why
        Why it cannot be told, a clause.
    guess
        The word of the candidate that was taken.
    candidates
        What the answer may be.
    doubt
        A sentence that stays on every result until it is answered.
    """

    about: str
    why: str
    guess: str
    candidates: tuple[Candidate, ...]
    doubt: str

    @property
    def asks(self) -> str:
        """The question as it is put."""
        return ASKED[self.about]


def doubt(about: str, subject: str, *, why: str, taken: str) -> str:
    """Return the sentence that stays on every result until a question is answered.

    Parameters
    ----------
    about
        A key of `ASKED`.
    subject
        What is doubtful, as ``which species the genes are of``.
    why
        Why it cannot be told, a clause.
    taken
        What was taken, in words.
    """
    say = f"If that is wrong, answer where the file is opened ({OPTIONS[about]} on the command line)."
    return f"It is doubtful {subject}: {why}. Taken as {taken}. {say}"


@dataclass(frozen=True)
class Reading:
    """How a file was read.

    Attributes
    ----------
    matrix, matrices
        The matrix that was taken, and all that were there; empty for a file that holds one alone.
    orientation
        A key of `grn_core.datasets.read_as.ORIENTATIONS`.
    name_column, name_columns
        The column that named the genes (``""``: the names themselves, the header or the first column), and the columns
        that might.
    doubts
        What could not be told for sure, in sentences; they stay on every result.
    questions
        What is to be asked, in the order of `OPTIONS`; each is also among the doubts.
    """

    matrix: str = ""
    matrices: tuple[MatrixOffer, ...] = ()
    orientation: str = ""
    name_column: str = ""
    name_columns: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()


NOTHING_GUESSED = Reading()
"""Of data that were not read from a file of a user."""
