"""The form of a benchmark on perturbed TFs: the tables of the user, and whose edges are measured."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from grn_core.benchmark.options import BenchmarkOptions
from grn_core.benchmark.perturbed.uploads import store_table, stored_tables, table_option
from grn_core.benchmark.references.leakage import training_is_there
from grn_core.translator import registry as translators
from pages.components.benchmark.controls import corpus_choice
from pages.components.shared.messages import told_apart
from pages.components.shared.session import linked, remember
from pages.components.shared.uploads import stored_upload

KEY = "benchmark_changes"


def changes_form(folder: Path | None) -> BenchmarkOptions | None:
    """Ask for tables and a translator; None, with what to do, where there is no table yet.

    Parameters
    ----------
    folder
        BEELINE's reference networks, of which translators were trained; None if they are not here.
    """
    st.caption(
        "Do genes that changed when a TF was knocked down, knocked out or over-expressed rank high among its edges? "
        "Changes are total: what a TF changes through other genes is among them."
    )
    _upload()
    known = stored_tables()
    if not known:
        st.info("Upload a table first. Measured tables of public studies stand in the results that ship, above.")
        return None
    left, right = st.columns(2, gap="medium")
    newest = (next(iter(known)),)
    tables = left.multiselect(
        "Tables", list(known), format_func=told_apart(known, known.__getitem__), **linked("run_tables", newest, known)
    )
    records = {record.name: record for record in translators.fitting("compact")}
    name = right.selectbox(
        "Translator",
        list(records),
        format_func=lambda key: records[key].title,
        **linked("run_translator", translators.DEFAULT, records),
    )
    if not tables:
        st.info("Choose at least one table.")
        return None
    trained = training_is_there(records[name].card, folder)
    if not trained:
        st.caption(
            "Shuffled labels and degrees are left out: they need the networks that the translator was trained on."
        )
    return BenchmarkOptions(
        suite="perturbation",
        tables=tuple(map(table_option, tables)),
        translator=name,
        references=folder if trained else None,
        corpus=corpus_choice(("Corpus correlation",)),
        coexpression=(),
    )


def _upload() -> None:
    """Show the uploader of a table; a good file becomes the chosen one."""
    name = stored_upload(
        "Upload a table of changes",
        key=KEY,
        about="A row a gene that changed: tf, target, and if known perturbation_class (LOF, GOF) and regulation "
        "(1, -1); or differential expression: tf, gene, log fold change and adjusted p, of which those below 0.05 "
        "count. Tabs, commas or semicolons. It stays on this machine.",
        store=store_table,
    )
    if name is not None:
        remember("run_tables", (name,))
        st.rerun()
