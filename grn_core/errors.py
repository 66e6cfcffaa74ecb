"""Every error a user can meet.

Each one says what was found, what was needed and what to do, so that the app and the command line can show it as it
stands: what a name in a file holds that a terminal would obey is written out. Anything that is not a `GrnError` is a
bug of ours.
"""

from __future__ import annotations

import unicodedata
from typing import Any

UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of Unicode that are not seen but do something: move the cursor, colour, turn the direction of a line."""


class GrnError(Exception):
    """Base of the project's errors.

    Parameters
    ----------
    found
        What was met, as a full clause ("the file has no gene of the model's vocabulary").
    needed
        What would have been right.
    todo
        What the user can do next.
    """

    def __init__(self, found: str, *, needed: str = "", todo: str = "") -> None:
        self.found, self.needed, self.todo = (visible(part) for part in (found, needed, todo))
        super().__init__(self.found, self.needed, self.todo)

    def __str__(self) -> str:
        parts = [self.found.rstrip(".")]
        if self.needed:
            parts.append(f"needed: {self.needed.rstrip('.')}")
        if self.todo:
            parts.append(f"what to do: {self.todo.rstrip('.')}")
        return "; ".join(parts)

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.found, self.needed, self.todo))


def _rebuild(kind: type[GrnError], found: str, needed: str, todo: str) -> GrnError:
    return kind(found, needed=needed, todo=todo)


class DataError(GrnError):
    """A file or table cannot be used as single-cell expression data."""


class TooFewCellsError(DataError):
    """A file holds expression, of fewer cells than can be used.

    Attributes
    ----------
    genes
        Names of its known genes, the most expressed first, for whoever goes on with them alone; only where it was
        raised, not in another process.
    """

    genes: tuple[str, ...] = ()


class HoldsNetworkError(DataError):
    """A file that was given as cells holds a network, which can be opened as one."""


class HoldsGenesError(DataError):
    """A file that was given as cells holds a list of genes, which can be asked as one."""


class DoubtfulError(DataError):
    """A file does not tell for sure how it is to be read, and its user has not said it."""


class ScaledValuesError(DataError):
    """The only values of a file are scaled: they can be used if its user says so."""


class GeneError(GrnError):
    """Gene names cannot be matched to what is asked of them."""


class ModelError(GrnError):
    """A foundation model or its checkpoint cannot be used as asked."""


class TranslatorError(GrnError):
    """A translator is missing or does not fit the features it is given."""


class RequestError(GrnError):
    """The options of a request contradict each other or are out of range."""


class RunError(GrnError):
    """A run cannot be found, started or read."""


class Cancelled(GrnError):
    """The user asked the work to stop."""


def visible(text: str) -> str:
    """Return a text in which characters that are not seen are written out as in JSON, by their number; lines stay."""
    if text.isprintable():
        return text
    seen = (one in "\n\t" or unicodedata.category(one) not in UNSEEN for one in text)
    return "".join(one if yes else _escaped(one) for one, yes in zip(text, seen, strict=True))


def _escaped(one: str) -> str:
    content = one.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{content[place : place + 2].hex()}" for place in range(0, len(content), 2))
