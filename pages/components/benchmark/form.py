"""The form of a new benchmark: what to measure, on what, with which model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from grn_core.benchmark.job import check_own
from grn_core.benchmark.options import ON_BEELINE, BenchmarkOptions
from grn_core.benchmark.protocol.methods import NEIGHBOURS
from grn_core.benchmark.protocol.protocol import FEWEST_SEEDS, available
from grn_core.benchmark.references.uploads import uploaded
from grn_core.benchmark.results.words import NEGATIVES, SPLITS
from grn_core.coexpression import METHODS as COEXPRESSION
from grn_core.downloads.beeline import references_folder
from grn_core.models import registry as models
from pages.components.benchmark.changes import changes_form
from pages.components.benchmark.controls import corpus_choice
from pages.components.compare.reference import reference_upload
from pages.components.data.choices import names_in
from pages.components.shared.links import DATASET
from pages.components.shared.messages import plain, told_apart
from pages.components.shared.session import linked, query, remember

SUITES = {
    "ugrn": "Data sets left out: train on one data set, test on the others",
    "transfer": "Transfer: train on each, test on each other",
    "curated": "Curated Boolean models: exact, signed truth",
    "own": "Your own reference network",
    "perturbation": "Perturbed TFs: which genes changed",
}
SIZES = ("500", "1000")
DRAWN = tuple(name for name in NEGATIVES if name in ("tf-restricted", "all-pairs", "degree-matched"))
KNOWN_SPLITS = ("all", "unseen-target", "unseen-both")


def benchmark_form() -> BenchmarkOptions | None:
    """Ask for the options of a benchmark; None, with what to do, where more must be chosen first.

    Raises
    ------
    GrnError
        What was chosen cannot be measured.
    """
    folder = references_folder()
    default = "curated" if folder is None else "ugrn"  # what can be run as it is
    suite = st.selectbox(
        "What to measure", list(SUITES), format_func=SUITES.__getitem__, **linked("run_suite", default, SUITES)
    )
    return _of_suite(suite, folder)


def _of_suite(suite: str, folder: Path | None) -> BenchmarkOptions | None:
    """Ask for the options of a suite, and for those that all suites have; None where more must be chosen first."""
    if suite == "perturbation":
        return changes_form(folder)
    own = _own() if suite == "own" else Chosen()
    if suite in ON_BEELINE:
        own = _beeline(suite, folder)
    if own is None:
        return None
    model, seeds, methods, extractors = _common()
    return BenchmarkOptions(
        suite=suite,
        model=model,
        n_seeds=seeds,
        references=folder if suite in ON_BEELINE else None,
        size=own.size,
        train=own.train,
        tests=own.tests,
        splits=own.splits,
        negatives=own.negatives,
        coexpression=methods,
        corpus=corpus_choice(("Corpus correlation", "SVD cosine")),
        extractors=extractors,
        reference=own.reference,
        genes=own.genes,
    )


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What is chosen for one suite; see `BenchmarkOptions`."""

    size: tuple[str, ...] = ()
    train: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    splits: tuple[str, ...] = ("all",)
    negatives: tuple[str, ...] = ()
    reference: str = ""
    genes: tuple[str, ...] = ()


def _beeline(suite: str, folder: Path | None) -> Chosen | None:
    """Ask for the options of BEELINE's suites; None, with what to do, where its networks are not here."""
    if folder is None:
        st.info(
            "BEELINE's reference networks are not on this machine. Download them on the page Dataset, or name a folder "
            "that holds files called NETWORK_DATASET_TFsplus500.tsv.gz in the setting GRN_DATA. The curated Boolean "
            "models and your own reference need no download."
        )
        st.page_link(DATASET, label="Go to Dataset", icon=":material/dataset:")
        return None
    st.caption(f"Reference networks: {plain(folder)}")
    with st.container(key="halves_suite"):
        one, two, three = st.columns(3, gap="medium")
    size = one.segmented_control(
        "Genes", SIZES, format_func="TFs+{}".format, required=True, wrap=True, **linked("run_size", "500", SIZES)
    )
    names = available(folder, size=size)
    trains: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    if suite == "ugrn":
        first = "hESC:STRING" if "hESC:STRING" in names else names[0]
        train = two.selectbox("Train on", names, **linked("run_train", first, names))
        trains = (train,)
        others = tuple(name for name in names if name != train)
        kind = train.partition(":")[2]
        same = tuple(name for name in others if name.partition(":")[2] == kind)
        tests = three.multiselect(
            "Test on",
            others,
            **linked("run_tests", same, others),
            help="By default the same kind of network of every other data set.",
        )
        asked = () if set(tests) == set(same) else tuple(tests)
        if not tests:
            st.info("Choose at least one test.")
            return None
    splits, negatives = _drawn()
    return Chosen(size=(size,), train=trains, tests=asked, splits=splits, negatives=negatives)


def _own() -> Chosen | None:
    """Ask for the user's reference and gene panel."""
    known = uploaded()
    reference_upload("benchmark_reference")
    if not known:
        st.caption(
            "The edges are what counts as true; the translators were trained on OmniPath and have not seen yours."
        )
        return None
    chosen = query("against", next(iter(known)), known)
    st.session_state["own_reference"] = chosen
    st.selectbox(
        "Reference",
        list(known),
        format_func=told_apart(known, known.__getitem__),
        key="own_reference",
        on_change=lambda: remember("against", st.session_state["own_reference"]),
    )
    found = check_own(chosen)
    st.caption(
        f"{found['edges']:,} edges of {found['sources']:,} TFs between {found['genes']:,} genes. {plain(found['note'])}"
    )
    panel = st.text_area(
        "Gene list (optional)",
        placeholder="Gene names, separated by spaces or lines. Empty: the genes of the reference.",
        key="own_panel",
        help="The genes among which edges are sought. A longer list is harder and more honest.",
    )
    splits, negatives = _drawn()
    return Chosen(reference=chosen, genes=tuple(names_in(panel)), splits=splits, negatives=negatives)


def _drawn() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ask for splits and kinds of negatives."""
    splits = _several("Splits", KNOWN_SPLITS, SPLITS, "run_splits", default=("all",))
    return splits, _several("Negatives", DRAWN, NEGATIVES, "run_negatives", default=DRAWN[:1])


def _several(
    label: str, values: tuple[str, ...], words: dict[str, str], key: str, *, default: tuple[str, ...]
) -> tuple[str, ...]:
    """Ask for one or more of `values`; never none."""
    chosen = st.multiselect(label, values, format_func=lambda value: words[value], **linked(key, default, values))
    return tuple(value for value in values if value in chosen) or default


def _common() -> tuple[str, int, tuple[str, ...], tuple[str, ...]]:
    """Ask for model, seeds, co-expression methods and extractors that have rows on request."""
    with st.container(key="halves_common"):
        one, two, three = st.columns(3, gap="medium")
    records = {record.name: record for record in models.records()}
    model = one.selectbox(
        "Model", list(records), format_func=lambda name: records[name].title, **linked("run_model", "compact", records)
    )
    seeds = two.slider(
        "Seeds", 1, 10, help="Draws of negatives and of translators.", **linked("run_seeds", FEWEST_SEEDS, range(1, 11))
    )
    methods = three.multiselect(
        "Co-expression beside it",
        list(COEXPRESSION),
        format_func=lambda name: COEXPRESSION[name].title,
        **linked("run_coexpression", (), COEXPRESSION),
        help="On measured cells, where they are here. Correlations take seconds, trees (GENIE3, GRNBoost2) hours.",
    )
    if seeds < FEWEST_SEEDS:
        st.caption(f"Figures that are reported take at least {FEWEST_SEEDS} seeds.")
    wanted = st.checkbox(
        "Known edges of similar genes",
        help="The rows of what the app asks unless told otherwise. A minute or two for each training network.",
        **linked("run_neighbours", default=True),
    )
    return model, seeds, tuple(methods), (NEIGHBOURS,) if wanted else ()
