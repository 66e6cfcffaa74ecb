"""Sentences that stand in a narrow column: two lines, and the rest is folded, none of it lost."""

from __future__ import annotations

import re

import pytest

from tests.pages.app import lines_of, part_of_page

NARROWEST = 0.4
"""Share of the page's width that the column of the matching report has."""
NOTES = (
    "Compact (bundled) does not know 45 of 15,948 genes, e.g. Defb13, Krtap24-1 and more; no TF is among them.",
    "1,710 names were read as other names of known genes and mouse genes were mapped through 1:1 orthologs of human.",
    "Names were mapped; the genes that a model does not know take no part, those known twice are summed up.",
    "6 human symbols have several names in the data: summed.",
)


def shown(text: str) -> None:
    from pages.components.shared.reading import told_in_two_lines

    told_in_two_lines(text)


@pytest.mark.parametrize("note", NOTES)
def test_a_note_takes_two_lines_of_the_narrowest_column_and_loses_no_word(note):
    app = part_of_page(shown, note).run()
    (caption,) = (one.value for one in app.caption)
    assert lines_of(caption, share=NARROWEST) <= 2
    told = " ".join([caption, *(one.value for one in app.markdown)])
    lacking = set(re.findall(r"\w+", note.lower())) - set(re.findall(r"\w+", told.replace("\\", "").lower()))
    assert lacking <= {"and"}
    assert bool(app.expander) == (len(note) > 110)
