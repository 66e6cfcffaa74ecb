"""The choice of a co-expression method, which needs no model, and its options."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from grn_core.benchmark.results.tested_methods import of_coexpression
from grn_core.coexpression import METHODS
from grn_core.runs.foretold import foretell_coexpression
from grn_core.translator import cells_worth
from pages.components.data.choices import DEFAULTS, MethodChoice
from pages.components.infer.form import chosen
from pages.components.runs.view import TESTED
from pages.components.shared.messages import plain
from pages.components.shared.reading import how_to_read
from pages.components.shared.session import linked, query

if TYPE_CHECKING:
    from grn_core.coexpression import CoexpressionMethod
    from grn_core.costs import Cost
    from grn_core.costs.foretell import Size

SEEDS = range(1000)


def method_choice(*, model: str) -> MethodChoice:
    """Return the method and its options that the URL holds.

    Parameters
    ----------
    model
        Whose vocabulary the panel is chosen from, so that its edges are those of a run of that model.
    """
    method = _method()
    given = tuple((option.name, query(option.name, option.default, option.choices)) for option in method.options)
    seed = query("seed", DEFAULTS["seed"], SEEDS) if method.seeded else DEFAULTS["seed"]
    return MethodChoice(model, method.name, given, seed)


def coexpression_form() -> None:
    """Show the widgets; each one writes its choice into the URL."""
    name = st.selectbox(
        "Method",
        list(METHODS),
        format_func=lambda name: METHODS[name].title,
        **linked("coexpression", chosen("coexpression", METHODS), METHODS),
        help="All of them score a TF and a gene by how they vary together over the chosen cells.",
    )
    method = METHODS[name]
    st.caption(method.description)
    as_tested = all(query(one.name, one.default, one.choices) == one.default for one in method.options)
    if as_tested and (tested := of_coexpression(name)):
        st.caption(tested, help=TESTED)
    worth = cells_worth.of_coexpression(name)
    how_to_read(
        f"**Score**: {method.unit}; {_sign(method)}.",
        f"**Beside a model.** {plain(worth)}" if worth else "",
        f"**Limits.** {method.limits}",
        f"**Reference.** {method.reference}.",
        title="Score, limits and reference",
    )
    for option in method.options:
        st.select_slider(
            option.title, option.choices, **linked(option.name, option.default, option.choices), help=option.help
        )
    if method.seeded:
        st.number_input(
            "Seed",
            SEEDS[0],
            SEEDS[-1],
            **linked("seed", DEFAULTS["seed"], SEEDS),
            help="The method draws at random; the same seed gives the same network again, another one shows how much "
            "of it is chance.",
        )


def coexpression_cost(asked: MethodChoice, size: Size) -> Cost:
    """Return the expected cost of a method."""
    return foretell_coexpression(asked.method, size, options=dict(asked.options))


def _method() -> CoexpressionMethod:
    return METHODS[chosen("coexpression", METHODS)]


def _sign(method: CoexpressionMethod) -> str:
    return "its sign says whether both rise together or one falls" if method.signed else "it has no sign"
