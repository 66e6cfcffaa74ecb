"""What a user says of a file, so that it is not guessed: one record for page, command line and Python."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from urllib.parse import quote, unquote

from grn_core.datasets.kinds import find_kind
from grn_core.errors import DataError
from grn_core.genes import tables

ORIENTATIONS = {"genes-in-rows": "Genes in rows", "genes-in-columns": "Genes in columns"}
DECIMALS = {"point": ".", "comma": ","}
"""Word -> the sign that a table of text writes before decimals; the other one stands between thousands."""
MATRIX = re.compile(r"X|raw|layers/.+", flags=re.DOTALL)


@dataclass(frozen=True)
class ReadAs:
    """The user's word on a file; None leaves it to what the file shows.

    Attributes
    ----------
    species
        ``human`` or ``mouse``.
    values
        What the numbers are, a name out of `grn_core.datasets.kinds.KINDS`.
    matrix
        Which matrix holds expression: ``X``, ``raw`` or ``layers/NAME``.
    orientation
        A key of `ORIENTATIONS`.
    name_column
        The column that names the genes: of ``var``, or a column of text in a table.
    decimal
        What a table of text writes before decimals, a key of `DECIMALS`.

    Raises
    ------
    DataError, GeneError
        On making one, where a word is none of those that are known.
    """

    species: str | None = None
    values: str | None = None
    matrix: str | None = None
    orientation: str | None = None
    name_column: str | None = None
    decimal: str | None = None

    def __post_init__(self) -> None:
        """Refuse words that nothing stands for."""
        if self.species is not None:
            tables.check_species(self.species)
        if self.values is not None:
            find_kind(self.values)
        if self.matrix is not None and MATRIX.fullmatch(self.matrix) is None:
            message = f"{self.matrix!r} names no matrix"
            raise DataError(message, needed="X, raw or layers/NAME", todo="correct the matrix, or leave it out")
        if self.orientation is not None and self.orientation not in ORIENTATIONS:
            message = f"there is no orientation {self.orientation!r}"
            raise DataError(message, needed=f"one of {', '.join(ORIENTATIONS)}", todo="correct it, or leave it out")
        if self.decimal is not None and self.decimal not in DECIMALS:
            message = f"no sign before decimals is called {self.decimal!r}"
            raise DataError(message, needed=f"one of {', '.join(DECIMALS)}", todo="correct it, or leave it out")

    @property
    def said(self) -> dict[str, str]:
        """Each thing that the user said, by its name; nothing where all is left to the file."""
        return {name: word for name, word in asdict(self).items() if word is not None}

    @property
    def options(self) -> list[str]:
        """What was said, as options of a command."""
        return [f"--{name.replace('_', '-')}={word}" for name, word in self.said.items()]

    def to_text(self) -> str:
        """Return the words as text for a ref, e.g. ``+human+values=log2``; ``""`` for none."""
        words = self.said
        species = words.pop("species", None)
        parts = [] if species is None else [species]
        return "".join(
            f"+{part}" for part in (*parts, *(f"{name}={quote(word, safe='')}" for name, word in words.items()))
        )

    @classmethod
    def from_text(cls, text: str) -> ReadAs:
        """Return what `to_text` wrote.

        Raises
        ------
        DataError, GeneError
            It is no such text.
        """
        words: dict[str, str] = {}
        for part in text.removeprefix("+").split("+") if text else []:
            name, equals, word = part.partition("=")
            words[name if equals else "species"] = unquote(word) if equals else name
        if odd := set(words) - set(cls.__dataclass_fields__):
            message = f"nothing about a file is called {', '.join(sorted(odd))}"
            raise DataError(message, needed=f"some of {', '.join(cls.__dataclass_fields__)}", todo="correct the name")
        return cls(
            species=words.get("species"),
            values=words.get("values"),
            matrix=words.get("matrix"),
            orientation=words.get("orientation"),
            name_column=words.get("name_column"),
            decimal=words.get("decimal"),
        )


FROM_THE_FILE = ReadAs()
"""Nothing is said: all is told from the file."""
