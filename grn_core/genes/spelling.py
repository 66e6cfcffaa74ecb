"""What programs make of gene names: prefixes, joined names, dots for hyphens, dates; and the name that was meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

GENE_ID = r"ENS(?:[A-Z]{3,4})?G\d{11}(?:\.\d+)?(?:_PAR_Y)?"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: place for place, name in enumerate(_MONTHS, start=1)}
OF_OTHERS = {
    "mär": 3, "mrz": 3, "mrt": 3, "maa": 3, "set": 9, "eyl": 9, "wrz": 9, "zář": 9, "dez": 12, "dic": 12, "déc": 12,
    "des": 12, "gru": 12, "pro": 12,
}  # fmt: skip
"""How spreadsheets in other languages begin the months in which genes are lost, where not as in English."""
FAMILIES = {3: (("MARCHF", 11), ("MTARC", 2)), 9: (("SEPTIN", 14),), 12: (("DELEC", 1),)}
"""Month -> the families of genes that a spreadsheet takes for its days, with the highest number of each."""
EPOCH = 25_569
"""The first of January 1970 as a spreadsheet counts days."""
MOST_SEPARATORS = 4

_AROUND = " \t\r\n\"'`\ufeff\u200b\u200c\u200d\u2060\xa0"
_GENOME = re.compile(
    r"(?P<genome>GRCh3[78]|hg(?:19|38)|GRCm3[89]|mm(?:9|10|39)|human|mouse|hsapiens|mmusculus|homo_sapiens|mus_musculus)"
    r"(?:_chr\w+?)?(?:[-_.]*pre[-_.]?m?rna|[-_.]\d{4}-[A-Z])?[-_.:|]+(?=\w)",
    re.IGNORECASE,
)
_JOINED = re.compile(
    rf"(?P<id>{GENE_ID})[|_:;,/~\s(\[-]+(?!PAR_Y)(?P<symbol>[^\s)\]]+)[)\]]?|(?P<symbol2>\S+?)[|_:;,/~\s(\[-]+(?P<id2>{GENE_ID})[)\]]?"
)
_WITH_NUMBER = re.compile(r"(?P<symbol>[^|\s]+)\|(?P<number>\d+)")
_DATES = (
    re.compile(r"(?P<day>\d{1,2})(?:[-/ ]|\.[- ]?)(?P<month>[^\W\d_]{3})[^\W\d_]*\.?(?:[-/. ]\d{2,4})?"),
    re.compile(r"(?P<month>[A-Za-z]{3})[a-z]*[-/. ](?P<day>\d{1,2})(?:[-/., ]+\d{4})?"),
    re.compile(r"(?:19|20)\d{2}[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?:[ T]00:00(?::00)?)?"),
)
_TWO_NUMBERS = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](?:\d{4}|\d{2})")
"""A date of which nobody knows whether the day or the month comes first."""
_SERIAL = re.compile(r"4[0-9]{4}")
_WHOLE = re.compile(r"\d+\.0")
_SEPARATOR = re.compile(r"[._]")


@dataclass(frozen=True)
class Cleaned:
    """Names without what stood around them.

    Attributes
    ----------
    names
        Names to look up: symbols or ids, in the given order.
    labels
        The symbol that was joined to an id, ``""`` elsewhere.
    genomes
        ``human`` or ``mouse`` where a prefix says so, ``""`` elsewhere.
    notes
        What was done, in sentences.
    """

    names: tuple[str, ...]
    labels: tuple[str, ...]
    genomes: tuple[str, ...]
    notes: tuple[str, ...]


def cleaned(names: Sequence[str], *, n_known: Callable[[Sequence[str]], int]) -> Cleaned:
    """Take off blanks, quotes, genome prefixes and joined names.

    Parameters
    ----------
    names
        As a file has them.
    n_known
        Says how many of some names are known genes: a prefix that is no genome's goes only where that makes genes.
    """
    bare = [name.strip(_AROUND) for name in names]
    notes: list[str] = []
    bare = _without_decimals(bare)
    bare, genomes = _without_genome(bare, notes)
    if not any(genomes):
        bare = _without_shared_prefix(bare, notes, n_known)
    parts = [_parts(name) for name in bare]
    made, labels = [name for name, _ in parts], [label for _, label in parts]
    if n_joined := sum(old != new for old, new in zip(bare, made, strict=True)):
        words = "name was" if n_joined == 1 else "names were"
        notes.append(f"{n_joined:,} {words} joined of two, e.g. {_example(bare, made)}: the first known one is used.")
    return Cleaned(tuple(made), tuple(labels), tuple(genomes), tuple(notes))


def _without_decimals(names: list[str]) -> list[str]:
    """Take ``.0`` off numbers, which a column of numbers has got where one of them is missing."""
    numbers = sum(_WHOLE.fullmatch(name) is not None for name in names)
    return [name.removesuffix(".0") for name in names] if numbers > len(names) / 2 else names


def _parts(name: str) -> tuple[str, str]:
    """Return the name to look up of two that are joined, and the symbol where that is an id."""
    if hit := _JOINED.fullmatch(name):
        return hit["id"] or hit["id2"], hit["symbol"] or hit["symbol2"]
    if hit := _WITH_NUMBER.fullmatch(name):
        return (hit["symbol"] if hit["symbol"] != "?" else hit["number"]), ""
    return name, ""


def _example(before: Sequence[str], after: Sequence[str]) -> str:
    return next(f"{old[:60]} (read as {new})" for old, new in zip(before, after, strict=True) if old != new)


def _without_genome(names: list[str], notes: list[str]) -> tuple[list[str], list[str]]:
    hits = [_GENOME.match(name) for name in names]
    n_hits = sum(hit is not None for hit in hits)
    if n_hits < 2 or n_hits < 0.5 * len(names):
        return names, [""] * len(names)
    found = dict.fromkeys(hit["genome"] for hit in hits if hit)
    short = [name if hit is None else name[hit.end() :] for name, hit in zip(names, hits, strict=True)]
    notes.append(f"The prefix of the genome ({', '.join(found)}) was taken off {n_hits:,} names.")
    return short, ["" if hit is None else _species_of(hit["genome"]) for hit in hits]


def _species_of(genome: str) -> str:
    return "human" if genome.lower().startswith(("grch", "hg", "human", "hs", "homo")) else "mouse"


def _without_shared_prefix(names: list[str], notes: list[str], n_known: Callable[[Sequence[str]], int]) -> list[str]:
    """Take off what every name begins with, up to a hyphen, underscore, colon or bar, where that makes them genes."""
    first, last = min(names[:200]), max(names[:200])
    # Not strict: names differ in length, and what both begin with ends where the shorter ends.
    same = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    prefix = first[:same]
    end = max(prefix.rfind(mark) for mark in "_-:|.") + 1
    prefix = prefix[:end]
    if len(names) < 3 or len(prefix) < 2 or not all(name.startswith(prefix) for name in names):
        return names
    short = [name[end:] for name in names]
    if n_known(short) <= max(n_known(names), len(names) / 4):
        return names
    notes.append(f"The prefix {prefix[:40]!r} was taken off every name.")
    return short


def variants(name: str) -> list[str]:
    """Return the spellings that R may have changed into `name`: hyphens for dots and underscores, no X in front."""
    parts = _SEPARATOR.split(name)
    found: list[str] = []
    if 2 <= len(parts) <= MOST_SEPARATORS + 1 and all(parts):
        marks = _SEPARATOR.findall(name)
        found += [
            parts[0] + "".join(mark + part for mark, part in zip(choice, parts[1:], strict=True))
            for choice in product(*(("-", mark) for mark in marks))
        ]
    if re.match(r"X\d", name):
        found += [one[1:] for one in (name, *found)]
    return [one for one in found if one != name]


def date_meanings(name: str) -> tuple[str, ...]:
    """Return the human genes that a spreadsheet may have turned into this date; none for what is no such date."""
    for pattern in _DATES:
        if hit := pattern.fullmatch(name):
            word = hit["month"].lower()
            months = MONTHS | OF_OTHERS if hit.start("day") == 0 else MONTHS
            month = months.get(word, 0) if word.isalpha() else int(word)
            return _genes_of(month, int(hit["day"]))
    if hit := _TWO_NUMBERS.fullmatch(name):
        first, second = int(hit[1]), int(hit[2])
        return tuple(dict.fromkeys((*_genes_of(first, second), *_genes_of(second, first))))
    if _SERIAL.fullmatch(name):
        import datetime

        day = datetime.date(1970, 1, 1) + datetime.timedelta(days=int(name) - EPOCH)
        return _genes_of(day.month, day.day)
    return ()


def _genes_of(month: int, day: int) -> tuple[str, ...]:
    if (month, day) == (9, 15):
        return ("SELENOF",)
    return tuple(f"{family}{day}" for family, most in FAMILIES.get(month, ()) if 1 <= day <= most)
