"""How each of the compared networks recovers a reference: PR and ROC curves, scores with their universe, TF by TF."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core.benchmark.references.seen import not_known_in_words, seen_in_words
from grn_core.benchmark.references.uploads import store_reference, uploaded
from grn_core.datasets.curated import MODELS
from grn_core.errors import GrnError
from grn_core.plots import compare as figures
from grn_core.runs.scored_by import of_unknown_origin, translators_of
from pages.components.compare.intervals import asked_of, measured
from pages.components.compare.views import CONFIG
from pages.components.shared.messages import plain, show_error, told_apart
from pages.components.shared.session import linked, remember
from pages.components.shared.tables import download, first_rows, show_table
from pages.components.shared.uploads import stored_upload

if TYPE_CHECKING:
    import pandas as pd

    from grn_core.benchmark.metrics.found_against import Against
    from pages.components.compare.runs import Compared

BUNDLED = {"omnipath": "OmniPath: curated human TF-target edges, two references or more"} | {
    ref: f"Curated truth: {model.title}" for ref, model in MODELS.items()
}


UNIVERSE = ("prevalence", "n_positives", "n_sources")
SEEN, UNKNOWN = "(seen)", "(seen?)"
"""Stand beside the letter of a network whose translator was shown edges that are asked, or may have been."""
EARLY = (
    "Early precision ratio: how many times as many edges as a guess are among the best pairs, as many pairs as the "
    "reference has edges."
)
PREVALENCE = "Share of the pairs that are edges: the AUPRC of a random guess."
DRAWN = "Over draws of whole TFs: the pairs of one TF are not independent."


def reference_upload(key: str) -> None:
    """Show the uploader of a reference network; a good file becomes the chosen reference."""
    name = stored_upload(
        "Upload a reference network",
        key=key,
        about="A table with the columns source (or TF, Gene1) and target (or Gene2), SIF, GMT, GraphML or Cytoscape "
        "JSON; human or mouse names. It stays on this machine.",
        store=store_reference,
    )
    if name is not None:
        remember("against", name)
        st.rerun()


def reference_titles() -> dict[str, str]:
    """Return every reference that can be chosen: name -> title."""
    return BUNDLED | {name: f"Your upload: {title}" for name, title in uploaded().items()}


def against(compared: Compared) -> None:
    """Show how the networks recover the chosen reference."""
    titles = reference_titles()
    with st.container(key="stacks_reference"):
        choose, own = st.columns([3, 2], vertical_alignment="bottom", gap="medium")
    reference = choose.selectbox(
        "Reference network",
        list(titles),
        format_func=told_apart(titles, titles.__getitem__),
        **linked("against", "omnipath", titles),
    )
    with own.popover("Use my own reference", icon=":material/upload_file:", width="stretch"):
        reference_upload("compare_reference")
    try:
        asked, seconds = asked_of(compared.ids, reference, compared.matched)
        found = measured(compared, reference, seconds=seconds)
    except GrnError as error:
        show_error(error)
        return
    seen, unknown = _seen_in_training(compared, asked)
    if found is None:
        return
    others = frozenset(found.table["network"]) - frozenset(compared.names.values())
    # A consensus, which is none of the chosen runs, saw what one of them saw.
    seen, unknown = (seen | others, unknown) if seen else (seen, unknown | others if unknown else unknown)
    first = _best_unseen(found.table, seen, unknown)
    marks = dict.fromkeys(unknown, UNKNOWN) | dict.fromkeys(seen, SEEN)
    found = found.renamed(
        {name: _mark(name, marks[name]) if name in marks else name for name in found.table["network"]}
    )
    universe, best, *how = found.words
    st.markdown(f"**{plain(first if seen else best)}** {plain(universe)}")
    if seen:
        shown = f"{SEEN}: its translator was shown some of these edges in training."
        st.caption(plain(best), help=f"{shown} {UNKNOWN}: imported, so that this is not known.")
    with st.container(key="stacks_curves"):
        curves = st.columns(2, gap="medium")
    with curves[0]:
        st.plotly_chart(
            figures.precision_recall(found.curves, prevalence=found.table["prevalence"].iloc[0], bands=found.bands),
            key="compare_pr",
            alt="Precision over recall of each network against the reference, with its interval",
            config=CONFIG,
        )
        st.caption("Precision down the ranking: higher is better; only the left end concerns the best edges.")
    with curves[1]:
        st.plotly_chart(
            figures.roc(found.curves, bands=found.bands),
            key="compare_roc",
            alt="True positive rate over false positive rate of each network against the reference, with its interval",
            config=CONFIG,
        )
        st.caption("ROC: above the diagonal is better than chance. With few edges it looks better than it is.")
    shaded = "" if found.bands.empty else " Shaded: the interval of each curve."
    st.caption(f"{plain(' '.join(how))}{shaded}")
    _tables(found)


def _tables(found: Against) -> None:
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    auprc, auroc = (_ends(found.table, name) for name in ("auprc", "auroc"))
    shown = found.table.assign(auprc_95=auprc, auroc_95=auroc)
    show_table(
        shown,
        hide_index=True,
        key="compare_scores",
        alt="AUPRC, AUPRC ratio, AUROC and early precision ratio of each network, with the universe",
        column_order=["network", "auprc", "auprc_95", "auprc_ratio", "auroc", "auroc_95", "epr", *UNIVERSE],
        column_config={
            "network": text("Network", width=150, pinned=True),
            "auprc": number("AUPRC", width=70, format="%.3f"),
            "auprc_95": text("95 % interval", width=110, help=f"Of AUPRC. {DRAWN}"),
            "auprc_ratio": number("Times a guess", width=100, format="%.2f", help="AUPRC / prevalence."),
            "auroc": number("AUROC", width=70, format="%.3f"),
            "auroc_95": text("95 % interval", width=110, help=f"Of AUROC. {DRAWN}"),
            "epr": number("Early", width=60, format="%.2f", help=EARLY),
            "prevalence": number("Prevalence", width=84, format="%.4f", help=PREVALENCE),
            "n_positives": number("Edges", width=60, format="localized"),
            "n_sources": number("TFs", width=50, format="localized"),
        },
    )
    st.markdown("**AUPRC, TF by TF**")
    wide = found.per_tf.pivot_table(index=["source", "n_positives", "prevalence"], columns="network", values="auprc")
    wide = wide[found.table["network"]].reset_index().sort_values(["n_positives", "source"], ascending=[False, True])
    show_table(
        first_rows(wide, first="first", what="TFs", searched=False),
        hide_index=True,
        key="compare_reference_tfs",
        height=320,
        alt="AUPRC of each TF's targets in each network",
        column_config={
            "source": "TF",
            "n_positives": number("Edges", format="localized"),
            "prevalence": number("Prevalence", format="%.3f", help=PREVALENCE),
            **{name: number(name, format="%.3f", help="AUPRC") for name in found.table["network"]},
        },
    )
    with st.container(horizontal=True):
        download("Scores (TSV)", found.table, "compare-reference")
        download("Leads (TSV)", found.leads, "compare-leads")
        download("Curves (TSV)", found.curves, "compare-curves")
        download("TF by TF (TSV)", found.per_tf, "compare-reference-tfs")


def _ends(table: pd.DataFrame, name: str) -> list[str]:
    """Return the ends of an interval as text; none where there are too few TFs."""
    ends = zip(table[f"{name}_low"], table[f"{name}_high"], strict=True)
    return ["" if low != low else f"{low:z.3f} to {high:z.3f}" for low, high in ends]


def _seen_in_training(compared: Compared, asked: pd.DataFrame) -> tuple[frozenset[str], frozenset[str]]:
    """Say which runs' translators were trained on edges that are asked here, and of which that is not known; both."""
    found = translators_of(compared.ids, compared.matched)
    translators = {compared.names[run_id]: own for run_id, own in found.items()}
    told = seen_in_words({plain(name): translator for name, translator in translators.items()}, asked)
    if told:
        st.warning(told, icon=":material/visibility:")
    unknown = [compared.names[run_id] for run_id in of_unknown_origin(compared.ids, compared.matched)]
    if unknown:
        st.caption(not_known_in_words([plain(name) for name in sorted(unknown)]))
    seen = frozenset(name for name, one in translators.items() if seen_in_words({name: one}, asked))
    return seen, frozenset(unknown) - seen


def _mark(name: str, mark: str) -> str:
    """Return the name of a network, which begins with its letter, with a mark beside that."""
    letter, colon, rest = name.partition(": ")
    return f"{letter} {mark}{colon}{rest}"


def _best_unseen(table: pd.DataFrame, seen: frozenset[str], unknown: frozenset[str]) -> str:
    """Say which of the networks that are known to have seen none of the edges is best."""
    unseen = table[~table["network"].isin(seen | unknown)]
    if unseen.empty:
        may = ", or may have" if unknown else ""
        return f"Every network here has seen some of these edges in training{may}: none of these scores is a test."
    best = unseen.loc[unseen["auprc"].idxmax()]
    which = "The only one" if len(unseen) == 1 else f"The best of {len(unseen)}"
    return f"{which} that saw none of these edges in training: {best['network']}, AUPRC {best['auprc']:z.3f}."
