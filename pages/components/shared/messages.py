"""Errors of ours in the user's words."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import streamlit as st

from grn_core.errors import GrnError
from grn_core.refusals import words_of
from pages.components.shared.shell import here

logger = logging.getLogger(__name__)
MOST_SHOWN = 2000
MOST_OF_OPTION = 300
Option = TypeVar("Option", bound=Hashable)
LINKED = re.compile(r"https?:(?=//)|www(?=\.)|(?<=\S)@(?=\S)", re.IGNORECASE)
"""Where Streamlit's Markdown sees the beginning of an address, escaped or not."""
JOINER = "\u2060"
"""Has no width; an address that holds it is none."""
SIGNS = re.compile(r"[\\*_\[\]`$<>#:~|&]")
"""What Markdown reads as its own."""
ADDRESS = re.compile(r"https?://[^\s]+")
COMMAND = re.compile(r"`([a-z./][a-z./_-][^`]*)`")
"""A command as sentences of ours name one."""


def not_here(what: str, *, named: Iterable[str] = (), instead: str = "") -> str:
    """Say that a link names what is not here: deleted, or never here; the one wording wherever a link is followed.

    Parameters
    ----------
    what
        Such as ``run``.
    named
        What the link names, where there are several that it may mean.
    instead
        A sentence on what is shown instead.
    """
    which = f" ({', '.join(found)})" if (found := [plain(one) for one in named]) else ""
    said = f"This link names a {what} that is not on this machine{which}: it was deleted, or it was never here."
    return f"{said} {instead}".strip()


def show_error(error: GrnError) -> None:
    """Show what was found, what was needed and what to do."""
    show_problem(error.found, needed=error.needed, todo=error.todo)


def show_problem(found: str, *, needed: str = "", todo: str = "") -> None:
    """Show an error that is known only by its three parts (as a run's status keeps it)."""
    lines = [f"**{_sentence(found)}**"]
    if needed:
        lines.append(f"Needed: {_sentence(needed, capital=False)}")
    if todo:
        lines.append(f"What to do: {_sentence(todo, capital=False)}")
    st.error("\n\n".join(lines), icon=":material/error:")


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show a `GrnError` raised in the block, or an error of files, and go on after it; a bug of ours passes."""
    try:
        yield
    except GrnError as error:
        show_error(error)
    except Exception as error:
        told = words_of(error)
        if told is None:
            raise
        logger.warning("shown in words", exc_info=error)
        show_error(told)


def plain(text: object) -> str:
    """Return a text of the user's so that Markdown shows it as it is: no sign is read as its own, no address linked.

    Signs that are not seen (control characters, turns of the direction of writing) become blanks; of a very long text
    the beginning is shown.
    """
    shown = seen(text)
    if "//" in shown or "@" in shown or "www." in shown.lower():  # which takes a tenth of looking for the places
        shown = LINKED.sub(lambda found: f"{found[0]}{JOINER}", shown)
    return _escaped(shown)


def worded(text: object) -> str:
    """Return a sentence of ours, which may hold names of the user's, for Markdown: its commands are shown as such.

    All else is shown as it is, see `plain`; and in what is shown as a command Markdown reads nothing either.
    """
    parts = COMMAND.split(str(text))
    return "".join(_code(here(part)) if n % 2 else plain(part) for n, part in enumerate(parts))


def seen(text: object, *, most: int = MOST_SHOWN) -> str:
    """Return a text of the user's for where Markdown is not read (the options of a menu): only what can be seen of it.

    Signs that are not seen become blanks, and of a text of more than `most` signs the beginning is shown.
    """
    found = str(text)[: most + 1]
    if not found.isprintable():
        found = "".join(sign if sign.isprintable() else " " for sign in found)
    return f"{found[:most]}…" if len(found) > most else found


def told_apart(options: Iterable[Option], words: Callable[[Option], object] = str) -> Callable[[Option], str]:
    """Return what a menu shows of each option, no two alike: the browser tells options apart by what they show.

    Parameters
    ----------
    options
        Of the menu.
    words
        Returns the text of an option.
    """
    labels: dict[Option, str] = {}
    taken: set[str] = set()
    for option in options:
        label = text = seen(words(option), most=MOST_OF_OPTION)
        n = 1
        while label in taken:
            n += 1
            label = f"{text} ({n})"
        labels[option] = label
        taken.add(label)
    return lambda option: labels.get(option) or seen(words(option), most=MOST_OF_OPTION)


def _code(text: str) -> str:
    """Return a command for Markdown, in more of its signs than stand in the command: a folder may be called by one."""
    shown = seen(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    return f"{fence} {shown} {fence}" if len(fence) > 1 else f"`{shown}`"


def _escaped(text: str) -> str:
    return SIGNS.sub(r"\\\g<0>", text)


def _sentence(text: str, *, capital: bool = True) -> str:
    text = text.strip().rstrip(".")
    first = text.partition(" ")[0].rstrip(",:;")
    is_name = any(sign in first for sign in "./\\_:")  # an address or a file keeps its spelling
    address, rest = ADDRESS.match(text), text[:1].upper() + text[1:] if capital and not is_name else text
    if address is not None:  # ours: it begins the sentence, and may be followed
        return _escaped(address[0]) + worded(text[address.end() :]) + "."
    return worded(rest) + "."
