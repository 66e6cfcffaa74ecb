"""Which species names are of, by evidence: prefixes of ids, names that one species alone has, and spelling."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from grn_core.genes import tables

FEW_IDS = 0.02
"""Share of ids of another species from which on they decide: genes without a symbol are called by their id."""
FEW_MARKS = 3
LOWER = 0.8
COPIES = 0.05
MIXED = 0.2
FEWEST_MIXED = 10


@dataclass(frozen=True)
class OtherSpecies:
    """A species that has no table here.

    Attributes
    ----------
    name
        In words.
    ids
        Pattern of its gene (or transcript) ids.
    marks
        Pattern of names that it alone has; ``""`` where there are none.
    share
        Share of names with such a mark from which on they decide.
    """

    name: str
    ids: str
    marks: str = ""
    share: float = 0.0


OTHERS = (
    OtherSpecies("rat", r"ENSRNO[GT]\d{11}", r"RT1-\S+|RGD\d{6,}\S*|AABR\d{8}\S*|Rn\d{2}S\S*|Mt-(co|nd|atp|cyb)\d?\w?"),
    OtherSpecies("zebrafish", r"ENSDAR[GT]\d{11}", r"(si|zgc|wu|im|zmp|sb|ch73|ch211)[:.]\S+|si-(ch|dkey)\S+"),
    OtherSpecies("rhesus macaque", r"ENSMMU[GT]\d{11}", r"Mamu-\S+|MAMU-\S+"),
    OtherSpecies("crab-eating macaque", r"ENSMFA[GT]\d{11}", r"Mafa-\S+|MAFA-[A-Z]\d?\S*"),
    OtherSpecies("pig", r"ENSSSC[GT]\d{11}", r"SLA-(\d+|D\w+)"),
    OtherSpecies("cow", r"ENSBTA[GT]\d{11}", r"BoLA-?\S*|BOLA-\S+"),
    OtherSpecies("dog", r"ENSCAF[GT]\d{11}", r"DLA-?(\d{2}|D\w+)"),
    OtherSpecies("chicken", r"ENSGAL[GT]\d{11}"),
    OtherSpecies("frog (Xenopus)", r"ENSX(ET|LA)[GT]\d{11}", r"[a-z]\w*(\.\d)?\.[LS]", 0.2),
    OtherSpecies("rabbit", r"ENSOCU[GT]\d{11}"),
    OtherSpecies("sheep", r"ENSOAR[GT]\d{11}"),
    OtherSpecies("goat", r"ENSCHI[GT]\d{11}"),
    OtherSpecies("horse", r"ENSECA[GT]\d{11}"),
    OtherSpecies("cat", r"ENSFCA[GT]\d{11}"),
    OtherSpecies("chimpanzee", r"ENSPTR[GT]\d{11}"),
    OtherSpecies("gorilla", r"ENSGGO[GT]\d{11}"),
    OtherSpecies("marmoset", r"ENSCJA[GT]\d{11}"),
    OtherSpecies("mouse lemur", r"ENSMIC[GT]\d{11}"),
    OtherSpecies("guinea pig", r"ENSCPO[GT]\d{11}"),
    OtherSpecies("hamster", r"ENS(CGR|MAU)[GT]\d{11}"),
    OtherSpecies("fruit fly", r"FBgn\d{7}", r"CG\d{4,5}|lncRNA:\S+|asRNA:\S+", 0.05),
    OtherSpecies("worm (C. elegans)", r"WBGene\d{8}", r"[a-z]{3,4}-\d+", 0.2),
    OtherSpecies("Arabidopsis", r"AT[1-5CM]G\d{5}"),
    OtherSpecies("yeast", r"Y[A-P][LR]\d{3}[WC](-[A-Z])?"),
    OtherSpecies("another species", r"ENS(?!MUS)[A-Z]{3,4}[GT]\d{11}"),
)
MOUSE = re.compile(r"Gm\d+|\d\w*Rik|H2-\w+", re.IGNORECASE)
"""Names that mouse alone has, however a program spelt them."""
_OURS = re.compile(r"ENS(MUS)?[GT]\d{11}(\.\d+)?(_PAR_Y)?", re.IGNORECASE)


def other_species(names: Sequence[str]) -> tuple[str, str]:
    """Return the name of a species that is neither human nor mouse, and the evidence; two ``""`` without any.

    Parameters
    ----------
    names
        Gene names or ids of one data set.
    """
    n, symbols = len(names), [tables.symbols(species) for species in tables.SPECIES]
    unknown = [name for name in names if not any(name in known for known in symbols)]
    strange = [name for name in unknown if _OURS.fullmatch(name) is None]
    n_ours = len(unknown) - len(strange)
    n_mouse = sum(MOUSE.fullmatch(name) is not None for name in names)
    for one in OTHERS:
        pattern = re.compile(rf"(?:{one.ids})(\.\d+)?", re.IGNORECASE)
        ids = [name for name in strange if pattern.fullmatch(name)]
        if len(ids) >= max(2, FEW_IDS * n) and len(ids) > n_ours:
            return one.name, f"{len(ids):,} of {n:,} names are ids of it, e.g. {ids[0]}"
        if one.marks and n_ours < n / 2:
            mark = re.compile(one.marks)
            marks = [name for name in strange if mark.fullmatch(name)]
            if len(marks) >= max(FEW_MARKS, one.share * n) and len(marks) > n_mouse:
                return one.name, f"{len(marks):,} of {n:,} names are of it alone, e.g. {', '.join(marks[:3])}"
    return _fish(names)


def _fish(names: Sequence[str]) -> tuple[str, str]:
    """Tell zebrafish by symbols in lower case of which many are copies (gata1a, tbx3b) of a gene of ours."""
    lower = [name for name in names if name[:1].isalpha() and name == name.lower()]
    if len(lower) < LOWER * sum(name[:1].isalpha() for name in names) or not lower:
        return "", ""
    tables_of_ours = [tables.by_upper_case(species) for species in tables.SPECIES]

    def known(name: str) -> bool:
        return any(name.upper() in one for one in tables_of_ours)

    copies = [name for name in lower if len(name) > 3 and name[-1] in "ab" and not known(name) and known(name[:-1])]
    if len(copies) < max(FEW_MARKS, COPIES * len(names)):
        return "", ""
    found = (
        f"{len(lower):,} of {len(names):,} names are in lower case, and {len(copies):,} are copies as fish have them"
    )
    return "zebrafish", f"{found}, e.g. {', '.join(copies[:3])}"


def genomes_of(names: Sequence[str], prefixes: Sequence[str]) -> list[str]:
    """Return ``human`` or ``mouse`` for the names that are of that species alone, where both are there; else nothing.

    Parameters
    ----------
    names
        Gene names or ids.
    prefixes
        What prefixes of genomes said of each, ``""`` where nothing.
    """
    told = list(prefixes)
    if not all(told):
        human, mouse = (tables.symbols(species) for species in tables.SPECIES)
        for place, name in enumerate(names):
            if told[place]:
                continue
            hit = _OURS.fullmatch(name)
            if hit:
                told[place] = "mouse" if hit[1] else "human"
            elif (name in human) != (name in mouse):
                told[place] = "human" if name in human else "mouse"
    times = Counter(told)
    fewest = FEWEST_MIXED if not any(prefixes) else 2
    mixed = min(times["human"], times["mouse"]) >= max(fewest, MIXED * len(names))
    return told if mixed else []
