"""What tables of edges call their columns and their signs."""

from __future__ import annotations

import re

SOURCE = ("sourcegenesymbol", "tf", "tfname", "regulator", "regulatorygene", "transcriptionfactor", "source", "from",
          "gene1", "node1", "regulatorname", "tfsymbol")  # fmt: skip
TARGET = ("targetgenesymbol", "target", "targetgene", "targetname", "to", "gene2", "node2", "gene", "genename",
          "genesymbol", "geneshortname", "targetsymbol")  # fmt: skip
SCORES = ("importance", "score", "weight", "edgeweight", "strength", "coefabs", "gain", "importancetf2g",
          "tf2gimportance", "likelihood", "combinedscore", "combinedconfidences", "mi", "value",
          "confidence")  # fmt: skip
SIGNED = ("correlation", "cor", "corr", "rho", "pearson", "spearman", "coef", "coefmean", "coefficient", "estimate",
          "rhotf2g", "tf2grho", "partialcorrelation", "pcor")  # fmt: skip
"""Numbers whose sign is that of the edge and whose size is its score."""
RANKS = ("rank", "tripletrank")
CODED = ("interaction", "mode", "regulationtype", "type", "relation", "relationship", "edgetype")
"""Columns whose numbers are signs only where -1 is among them and nothing beside -1, 0 and 1."""
ADJUSTED = (
    *("padj", "padjust", "padjusted", "adjp", "adjustedp", "fdr", "qvalue", "qval"),
    *("adjpval", "adjpvalue", "adjustedpval", "adjustedpvalue"),
    *("pvaladj", "pvalsadj", "pvalueadj", "pvalueadjusted"),
)
RAW = ("pvalue", "pval", "pvals")
P_VALUES = (*ADJUSTED, "p", *RAW)
"""What p-values are called, those that are adjusted first."""
MOST_P = 0.05
"""Below which a p is taken for a finding."""
SIGN = ("sign", "regulation", "mor", "effect", "tf2gregulation", *CODED)
NO_SCORE = re.compile(
    r"^(p|q|fdr|pval.*|padj.*|adjp.*|qval.*|pvalue.*|logp|n|id|.*id|pmids?|.*pmids?|references?|nreferences|evidence"
    r"|start|end|distance|percentile|strand|index|unnamed.*|chr|isextended|direction|rank|\d*)$"
)
"""Names of numbers that put no edge before another: p-values, counts of papers, places in the genome."""
KNOWN = frozenset((*SOURCE, *TARGET, *SCORES, *SIGNED, *RANKS, *SIGN, "peakid", "percentile", "pvalue", "pval"))

SIGNS = dict.fromkeys(
    ("+", "1", "+1", "1.0", "activation", "activates", "activate", "activator", "activating", "stimulation",
     "stimulates", "positive", "up", "upregulates", "upregulation", "induces", "pos", "a", "->", "-->",
     "rise together"), 1,
)  # fmt: skip
SIGNS |= dict.fromkeys(
    ("-", "-1", "-1.0", "repression", "represses", "repress", "repressor", "repressing", "inhibition", "inhibits",
     "inhibitor", "negative", "down", "downregulates", "downregulation", "suppresses", "neg", "r", "-|", "--|",
     "one rises, one falls"), -1,
)  # fmt: skip
UNSIGNED = frozenset(
    ("", "0", "0.0", "unknown", "no sign", "nan", "na", "none", "regulates", "regulation", "pd", "pp", "interacts with")
)


PASSIVE = re.compile(r"(.* )?([a-z]+ed|bound) by|(is )?(a )?target of|<-+")
"""Relations that name the target first."""


def plain(name: str) -> str:
    """Return the name of a column in small letters and digits alone."""
    return re.sub(r"[^a-z0-9]+", "", name.lower())


def sign_of(word: str) -> int:
    """Return the sign that a word says, 0 for none."""
    return SIGNS.get(_usual(word), 0)


def is_passive(word: str) -> bool:
    """Whether a relation names the target before what acts on it, as in ``regulated by``."""
    return PASSIVE.fullmatch(_spaced(word)) is not None


def says_signs(words: frozenset[str]) -> bool:
    """Whether words say signs: some do, and all others say that there is none; ``-`` does only beside ``+``."""
    told = {_usual(word) for word in words}
    saying = told & SIGNS.keys() - ({"-"} if "+" not in told else set())
    return bool(saying) and all(word in SIGNS or word in UNSIGNED for word in told)


def _usual(word: str) -> str:
    """Return a word as `SIGNS` has it: ``Is-repressed_by`` is ``represses``, ``down-regulates`` ``downregulates``."""
    spaced = _spaced(word)
    if (acting := re.fullmatch(r"(?:is )?((?:up |down )?[a-z]+)ed by", spaced)) is not None:
        spaced = f"{acting[1]}es"
    joined = spaced.replace("up ", "up").replace("down ", "down")
    known = (spaced, joined, joined.removesuffix("es") + "s")
    return next((one for one in known if one in SIGNS), spaced)


def _spaced(word: str) -> str:
    return re.sub(r"(?<=[a-z])[\s_-]+(?=[a-z])", " ", word.strip().lower())
