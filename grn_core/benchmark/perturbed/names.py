"""What the suite of perturbed TFs is called, and its tables; torch-free."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from grn_core.errors import RequestError

SLASH = re.compile(r"[/\\]")
SUITE, CHANGED, UNCHANGED = "perturbation", "changes", "unchanged"
"""What the suite, its kind of network and its negatives are called."""
RANDOM = "Random weights, same translator"
"""The control of a model with random weights, read by the translator of the trained one; what other suites call random
weights has a translator of its own."""

RESPONSE, LIKE, OFTEN = "Response at the perturbed level", "Embedding cosine", "Changes often"
"""The methods that need no translator: the response curve at its end, the likeness of the vectors, and how often a gene
changes with the other TFs."""


def named(text: str) -> tuple[str, Path]:
    """Split ``TITLE=FILE``; a file without a title is called by its name.

    A title has no slash, so that ``a/run=3/t.csv`` is a path; of ``run=3.csv`` that is a path which is there.
    """
    title, equals, file = text.partition("=")
    path = Path(text.strip())
    if equals and title.strip() and not SLASH.search(title) and not path.is_file():
        if not file.strip():
            message = f"the table {text!r} names no file"
            raise RequestError(message, needed="TITLE=FILE", todo="name the file behind the title")
        return title.strip(), Path(file.strip()).expanduser()
    return path.name.split(".")[0].replace("=", "-"), path.expanduser()


def titles_of(tables: Sequence[str]) -> tuple[str, ...]:
    """Return what tables are called; `RequestError` if there is none, or two are called the same."""
    if not tables:
        message = "no table of changes was given"
        raise RequestError(message, needed="--table TITLE=FILE", todo="name a table with tf and target")
    titles = [named(text)[0] for text in tables]
    twice = sorted({title for title in titles if titles.count(title) > 1})
    if twice:
        message = f"two tables are called {twice[0]!r}"
        raise RequestError(message, needed="a title for each", todo="--table TITLE=FILE")
    return tuple(titles)
