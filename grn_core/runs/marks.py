"""What the user says of a run: a name of their own, a note, and whether it is pinned. It decides nothing of the run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grn_core.damaged_records import newer_words
from grn_core.errors import RequestError
from grn_core.files import read_object
from grn_core.sums import read_summed, write_summed

if TYPE_CHECKING:
    from pathlib import Path

FILE = "marks.json"
LONGEST = {"name": 120, "note": 2000}
"""Most characters of the two texts."""
DAMAGED = "(Name and note of this run were damaged on the disk: look them over and save them again.)"
NEWER = "(Name and note of this run were written by a newer GRN Studio, and are left as they are: update it.)"


@dataclass(frozen=True)
class Marks:
    """What the user says of one run.

    Attributes
    ----------
    name
        What it is called instead of the name that follows from its request; empty for none.
    note
        Anything; empty for none.
    pinned
        Whether it stands before the others in lists and menus.
    damaged
        Whether what was kept is not as it was written: what can still be read of it is here, and the run counts as
        pinned, so that it does not go for being unused.
    newer
        Whether a newer version has written what was kept: nothing of it is here, and the run counts as pinned.
    """

    name: str = ""
    note: str = ""
    pinned: bool = False
    damaged: bool = False
    newer: bool = False

    @property
    def told(self) -> str:
        """The note for reading, with a warning where it may be wrong."""
        if self.newer:
            return NEWER
        return f"{DAMAGED} {self.note}".rstrip() if self.damaged else self.note

    def replace(self, *, name: str | None = None, note: str | None = None, pinned: bool | None = None) -> Marks:
        """Return a copy with what is given changed; white space around texts goes, and in a name all is one line.

        Raises
        ------
        RequestError
            A text is too long.
        """
        return Marks(
            name=self.name if name is None else _checked("name", " ".join(name.split())),
            note=self.note if note is None else _checked("note", note.strip()),
            pinned=self.pinned if pinned is None else pinned,
        )


NOTHING_SAID = Marks()


def read_marks(folder: Path) -> Marks:
    """Return what is said of the run in `folder`; what can be read of it where it is damaged."""
    path = folder / FILE
    whole = read_summed(path, unsummed=True)
    if newer_words(whole):
        return Marks(pinned=True, newer=True)
    damaged = whole is None and path.exists()
    kept = read_object(path) if whole is None else whole
    texts = {name: kept.get(name) for name in LONGEST}
    shown = {name: text[: LONGEST[name]] if isinstance(text, str) else "" for name, text in texts.items()}
    pinned = damaged or kept.get("pinned") is True
    return Marks(name=shown["name"], note=shown["note"], pinned=pinned, damaged=damaged)


def write_marks(folder: Path, marks: Marks) -> None:
    """Keep what is said of the run in `folder`; nothing said leaves no file."""
    if marks == NOTHING_SAID:
        (folder / FILE).unlink(missing_ok=True)
    else:
        write_summed(folder / FILE, {"name": marks.name, "note": marks.note, "pinned": marks.pinned})


def _checked(what: str, text: str) -> str:
    if len(text) > LONGEST[what]:
        message = f"the {what} has {len(text):,} characters"
        raise RequestError(message, needed=f"at most {LONGEST[what]:,}", todo="shorten it")
    return text
