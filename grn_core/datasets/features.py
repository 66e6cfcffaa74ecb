"""Features of a file that are no genes: other kinds of measurement, sums of a counting tool, figures and annotation.

They are left out before anything is counted: an antibody that is called like its gene would be summed into the gene,
and a row of reads that met no gene would be most of every cell.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from grn_core.genes import tables

TYPE_COLUMNS = ("feature_types", "feature_type", "feature_biotype", "modality")
GENE_TYPES = frozenset({"gene expression", "gene", "genes", "rna", "gex", "expression", "mrna"})
OTHER_TYPES = frozenset(
    {"antibody capture", "adt", "protein", "prot", "peaks", "peak", "atac", "chromatin accessibility", "hto",
     "crispr guide capture", "grna", "sgrna", "guide", "multiplexing capture", "custom", "antigen capture", "spike-in",
     "spike_in", "tag", "vdj", "cell surface protein", "antibody"}
)  # fmt: skip
SUMMARY, SPIKE_IN = "sum of a counting tool", "spike-in"
PROBE, ANTIBODY = "control probe", "Antibody Capture"
FIGURE, ANNOTATION = "quality figure or label of cells", "annotation of genes"
OTHER_GENOME = "gene of another genome"
NAMELESS = "without a name"
MOST_NAMED = 8

_SUMMARY = re.compile(r"__\w+|N_(unmapped|multimapping|noFeature|ambiguous)|_?(ambiguous|no_feature)_?reads")
_SPIKE_IN = re.compile(r"ERCC[-_.]\d{5}", re.IGNORECASE)
_PROBE = re.compile(
    r"(blank|neg(ative)?_?(pr(obe?|b)?|control(_?probe|_?codeword)?)|negative|system_?control|false_?code|bad_?code"
    r"|(unassigned|deprecated)_?codeword|antisense|intergenic_?region)[-_.]?(\w+[-_.])?\d+",
    re.IGNORECASE,
)
"""What stands among the genes of MERFISH, CosMx and Xenium to count what is read without being there."""
_ANTIBODY = re.compile(r".+[|_]pAbO|.+_TotalSeq-?[ABCD](_\w+)?")
"""As BD Rhapsody and 10x Genomics call them."""
_WORDS = re.compile(r".*[\s(=].*|[a-z]{3,}([_. ][a-z0-9]*)*")
"""No spelling of a gene, unless genes are spelt in small letters."""
MOST_WORDS = 40
_REPORTER = re.compile(
    r"(m|e|d2?|sf|tag|zs|ac|em|nls|h2b|mem)?[-_]?(gfp|egfp|yfp|eyfp|cfp|ecfp|bfp|ebfp2?|rfp|tagrfp|tagbfp|turbo[rg]fp)[-_.]?\w*"
    r"|(td)[-_]?(tomato|tom)|m?(cherry|orange|scarlet|plum|ruby[23]?|kate2?|venus|citrine|cerulean|turquoise2?|neon_?green"
    r"|clover|emerald|apple|strawberry|eos2?|wasabi|green_?lantern)|ds_?red2?|zs_?green1?|ce?rulean|venus|tomato"
    r"|(i|e|nls|cre)?cre(er|ert2?|_?recombinase)?|flp[oe]?|d?cas9|(r|m2)?rtta[23]?|tta|luc(iferase)?2?|lacz|neo(r|mycin)?"
    r"|puro(r|mycin)?|hygro(r|mycin)?|bsd|blasticidin|wpre|(bgh|sv40)[-_]?(poly_?a|pa)|transgene\w*|chr2|channelrhodopsin"
    r"|ired?fp\w*|gcamp\w*|mcherry[-_.]\w*|tdtomato[-_.]\w*",
    re.IGNORECASE,
)
"""Genes that were brought into cells, which no table of genes knows: they are counted with the others."""
_FIGURE = re.compile(
    r"n_?(counts?|features?)_\w+|n_?(genes?|counts?|umis?|features?|reads?|frags?)(_by_\w+)?|nUMIs?|nGenes?"
    r"|(log1p_|log10_)?(total_counts|n_genes_by_counts|total_umis)(_\w+)?|total[ _]?(umi|counts?|reads)"
    r"|(percent|pct|perc|frac|fraction)[._](counts?[._])?(mt|mito\w*|ribo\w*|rps|rpl|rp|rb|hb|hbb?|ercc|top\w*|in_top\w*)"
    r"|pct_counts_\w+|(mito\w*|mt|ribo\w*)[._](percent|pct|frac|fraction|ratio)\w*"
    r"|(doublet|scrublet|scdbl\w*)[._]?\w*|predicted_doublets?"
    r"|(s|g2m)[._]score|phase|orig[._]ident|seurat_clusters|(leiden|louvain)(_\w+)?|\w+_snn_res[.]\d[.\d]*"
    r"|cell_?types?|barcodes?|cell_?ids?|cell_?barcodes?|library_size|size_?factors?|(dpt_)?pseudotime"
    r"|(umap|tsne|pca?)[._ -]?\d{1,2}|(n_?)?cells|clusters?|batch|donors?|samples?|patients?|replicates?|conditions?"
    r"|groups?|treatments?|time_?(points?)?|day|age|sex"
    r"|fov|(cell_?|nucleus_?)?(volume|area)|(center|min|max)_?[xyz](_(local|global)_(px|mm))?|[xyz]_(centroid|location)"
    r"|aspect_?ratio|(mean|max)[._](panck|dapi|membrane\w*|cd\d+|b2m\w*)|transcript_counts",
    re.IGNORECASE,
)
_ANNOTATION = re.compile(
    r"chr|chrom|chromosome(_name)?|seqnames?|(gene_)?(start|end|stop|length|width)(_position)?|strand"
    r"|gene_?ids?|gene_?names?|gene_short_name|(gene_?)?symbols?|hgnc_symbol|(gene_)?description|(gene_)?biotypes?"
    r"|gene_types?|entrez(_?gene)?(_?ids?)?|ensembl(_?gene)?(_?ids?)?|feature_?(ids?|names?|types?)|(percent_)?gc(_content)?"
    r"|exons?|n_exons|transcript_?ids?|n_cells(_by_counts)?|highly_variable",
    re.IGNORECASE,
)  # fmt: skip
_CELLS = re.compile(
    r"(cells?|barcodes?|samples?|conditions?|perturbations?|guides?|s?g_?rnas?|clusters?|cell_?types?|treatments?|donors?"
    r"|patients?|replicates?|groups?|wells?|plates?|libraries|library|batch(es)?)([ _.]?(ids?|names?|labels?))?"
    r"|orig[._]ident",
    re.IGNORECASE,
)
_CONTROL = re.compile(
    r"(non?|safe)[-_. ]?(target(ing)?|perturbed)([-_. ]?(control|ctrl|guide)s?)?[-_. ]?\d*|nt([-_. ]?\d+)?"
    r"|scrambled?|(neg(ative)?[-_. ]?)?(control|ctrl)s?[-_. ]?\d*|unperturbed|untreated|unstim(ulated)?|mock"
    r"|wild[-_. ]?type|wt|dmso",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class LeftOut:
    """A feature, or a column of a table, that takes no part.

    Attributes
    ----------
    name
        As the file has it.
    reason
        Why, in words; never empty.
    """

    name: str
    reason: str


def reason_of_name(name: str) -> str:
    """Say why a name of a feature is none of a gene, ``""`` where nothing speaks against it; a symbol is a gene."""
    if _SUMMARY.fullmatch(name):
        return SUMMARY
    if _SPIKE_IN.fullmatch(name):
        return SPIKE_IN
    if _ANTIBODY.fullmatch(name):
        return ANTIBODY
    for form, reason in ((_PROBE, PROBE), (_FIGURE, FIGURE)):
        if form.fullmatch(name) and not _is_symbol(name):
            return reason
    return ""


def unlike_genes(names: Sequence[str], known: Sequence[bool]) -> list[str]:
    """Return for each name of a table's genes why it is a label of the cells, ``""`` where it may be a gene.

    What no table knows and is written as a word is (``volume``, ``donor_age``, ``malignant(1=no,2=yes)``): a few such
    rows or columns would be most of every cell. Where genes are written so, or many are, nothing is.

    Parameters
    ----------
    names, known
        Of the features, and whether each is a known gene.
    """
    written = [_WORDS.fullmatch(name.strip()) is not None and not is_reporter(name) for name in names]
    words = [one and not gene for one, gene in zip(written, known, strict=True)]
    if not 0 < sum(words) <= min(MOST_WORDS, sum(known) / 2) or 10 * (sum(written) - sum(words)) > sum(known):
        return [""] * len(names)
    return [FIGURE if one else "" for one in words]


def is_reporter(name: str) -> bool:
    """Whether a name is that of a reporter or another gene that was brought into the cells (``egfp``, ``tdtomato``)."""
    return _REPORTER.fullmatch(name.strip()) is not None


def reason_of_column(name: str) -> str:
    """Say why a name at the side of the cells is none of a cell, ``""`` where nothing speaks against it."""
    return ANNOTATION if _ANNOTATION.fullmatch(name.strip()) else ""


def are_cells(corner: str) -> bool:
    """Whether the word above the names of a table's rows says that they are cells, or groups of cells."""
    return _CELLS.fullmatch(corner.strip()) is not None


def is_control(name: str) -> bool:
    """Whether a name is that of cells in which nothing was perturbed."""
    return _CONTROL.fullmatch(name.strip()) is not None and not _is_symbol(name)


def _is_symbol(name: str) -> bool:
    return any(name in tables.symbols(species) for species in tables.SPECIES)


def reasons(names: Sequence[str], types: Sequence[str] = ()) -> list[str]:
    """Return for each feature why it is no gene, ``""`` for a gene.

    Parameters
    ----------
    names
        Of the features.
    types
        What the file says each of them is (``feature_types``), ``""`` where it does not; empty where it says nothing.
    """
    found = [reason_of_name(name) if name.strip() else NAMELESS for name in names]
    if not types:
        return found
    kinds = [kind.strip().lower() for kind in types]
    some_are_genes = bool(GENE_TYPES.intersection(kinds))
    return [
        why or (kind.strip() if key not in ("", "nan", *GENE_TYPES) and (some_are_genes or key in OTHER_TYPES) else "")
        for why, kind, key in zip(found, types, kinds, strict=True)
    ]


def types_of(var: pd.DataFrame) -> list[str]:
    """Return what a table of features says each of them is, by the first column that tells; nothing where none does."""
    for column in (name for name in TYPE_COLUMNS if name in var):
        kinds = var[column].astype(object).where(var[column].notna(), "").astype(str).tolist()
        if {kind.strip().lower() for kind in kinds} & (GENE_TYPES | OTHER_TYPES):
            return kinds
    return []


def sifted(names: Sequence[str], why: Sequence[str]) -> tuple[np.ndarray, tuple[LeftOut, ...]]:
    """Return which features stay, (features,) bool, and the others with their reasons."""
    kept = np.array([not one for one in why], dtype=bool)
    return kept, tuple(LeftOut(name, one) for name, one in zip(names, why, strict=True) if one)


def note_of(left_out: Iterable[LeftOut]) -> tuple[str, ...]:
    """Say what was left out: one sentence a reason, with the number and the first names."""
    by_reason: dict[str, list[str]] = {}
    for one in left_out:
        by_reason.setdefault(one.reason, []).append(one.name)
    counted = Counter({reason: len(names) for reason, names in by_reason.items()})
    said = []
    for reason, n in counted.most_common():
        names = [] if reason == NAMELESS else by_reason[reason][:MOST_NAMED]
        some = f": {', '.join(names)}" if names else ""
        said.append(f"Left out, no genes: {n:,} ({reason}){some}" + (" and more." if n > MOST_NAMED else "."))
    return tuple(said)
