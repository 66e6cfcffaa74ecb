"""The user's word on a file: one control for each thing that is guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core.datasets import ReadAs
from grn_core.datasets.kinds import KINDS, find_kind
from grn_core.datasets.read_as import DECIMALS, ORIENTATIONS
from grn_core.genes.tables import SPECIES
from pages.components.shared.messages import told_apart

if TYPE_CHECKING:
    from collections.abc import Sequence

LEFT = "As the file shows"
UNSAID = ""
"""The option that leaves it to the file; None would be a choice that Streamlit offers to clear."""
TITLES = {"point": "Decimal point (1.5)", "comma": "Decimal comma (1,5)"}


def read_as_form(
    key: str,
    *,
    said: ReadAs,
    matrices: Sequence[str] | None = None,
    name_columns: Sequence[str] | None = None,
) -> ReadAs:
    """Show the controls and return what they say.

    Parameters
    ----------
    key
        Begins the key of each control.
    said
        What was said before.
    matrices, name_columns
        What the file has to choose from; None where it is not read yet, so that a name can be written.
    """
    species = _choice(
        "Species",
        SPECIES,
        said.species,
        key=f"{key}_species",
        about="Genes of another species are refused, unless you choose human or mouse: then they are read as the genes "
        "that are spelt alike, with a warning on every result. Of human and mouse together the one chosen is taken.",
    )
    values = _choice(
        "Values",
        [kind.name for kind in KINDS],
        said.values,
        key=f"{key}_values",
        titles={kind.name: find_kind(kind.name).title for kind in KINDS},
        about="What the numbers are is told from the file. Choose it yourself where that is wrong or in doubt.",
    )
    orientation = _choice(
        "Orientation", list(ORIENTATIONS), said.orientation, key=f"{key}_orientation", titles=ORIENTATIONS
    )
    matrix = _named("Matrix", matrices, said.matrix, key=f"{key}_matrix", example="X, raw or layers/counts")
    column = _named("Column of gene names", name_columns, said.name_column, key=f"{key}_names", example="e.g. SYMBOL")
    decimal = _choice(
        "Decimals",
        list(DECIMALS),
        said.decimal,
        key=f"{key}_decimal",
        titles=TITLES,
        about="What a table of text writes before decimals; the other sign stands between thousands.",
    )
    return ReadAs(
        species=species, values=values, matrix=matrix, orientation=orientation, name_column=column, decimal=decimal
    )


def _choice(
    label: str,
    options: Sequence[str],
    said: str | None,
    *,
    key: str,
    titles: dict[str, str] | None = None,
    about: str | None = None,
) -> str | None:
    shown = [UNSAID, *options]
    chosen: str = st.selectbox(
        label,
        shown,
        index=shown.index(said) if said is not None and said in options else 0,
        format_func=lambda name: (titles or {}).get(name, name.capitalize()) if name else LEFT,
        key=key,
        help=about,
    )
    return chosen or None


def _named(label: str, options: Sequence[str] | None, said: str | None, *, key: str, example: str) -> str | None:
    """Choose among what the file has, or write a name where that is not known yet."""
    if options is None:
        written: str = st.text_input(label, said or "", key=key, placeholder=f"{LEFT}; {example}", max_chars=200)
        return written.strip() or None
    shown = [UNSAID, *dict.fromkeys([*options, *filter(None, (said,))])]
    chosen: str = st.selectbox(
        label,
        shown,
        index=shown.index(said or UNSAID),
        format_func=told_apart(shown, lambda name: name or LEFT),
        key=key,
        disabled=len(shown) < 2,
    )
    return chosen or None
