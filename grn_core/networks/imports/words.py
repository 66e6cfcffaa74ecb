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
SIGN = ("sign", "regulation", "mor", "interaction", "effect", "mode", "regulationtype", "type", "tf2gregulation",
        "consensusdirection", "relation", "relationship", "edgetype")  # fmt: skip
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


MISSING = frozenset(("", "na", "nan", "none", "null", "<na>"))
"""Fields of a column of numbers that hold none."""


def plain(name: str) -> str:
    """Return the name of a column in small letters and digits alone."""
    return re.sub(r"[^a-z0-9]+", "", name.lower())


def sign_of(word: str) -> int:
    """Return the sign that a word says, 0 for none."""
    return SIGNS.get(word.strip().lower(), 0)


def says_signs(words: frozenset[str]) -> bool:
    """Whether words say signs: some do, and all others say that there is none."""
    told = {word.strip().lower() for word in words}
    return bool(told & SIGNS.keys()) and all(word in SIGNS or word in UNSIGNED for word in told)
