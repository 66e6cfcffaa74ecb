"""What the model says of an edge: the response curve beside what is typical, its slope, the readings that differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from grn_core import in_words, plots
from grn_core.errors import GrnError
from grn_core.networks import EdgeReading, read_edge, typical_band, typical_readings, unusual
from grn_core.plots.curves import UNITS
from grn_core.runs import RunStore
from pages.components.shared.kept import copied
from pages.components.shared.messages import plain, show_error

if TYPE_CHECKING:
    from pages.components.runs.view import RunView

NO_CURVES = (
    "The curves of this edge are not stored with the run. Infer the network again with VVP and GDT to see how the "
    "target responds to the TF, and how steeply."
)
NAMES = {
    "threshold": "Threshold",
    "saturation": "Saturation",
    "monotonicity": "Monotonicity",
    "peak_slope": "Steepest slope",
    "peak_level": "Level of that slope",
    "response_range": "Size of response",
    "slope_agreement": "Curves agree",
}


def model_evidence(run: RunView, row: pd.Series) -> None:
    """Show the curves of an edge, the `row` of a run's table."""
    source, target, sign = str(row["source"]), str(row["target"]), int(row["sign"])
    levels = np.asarray(run.grid)
    try:
        curves = _curves(run, source, target)
        if curves is None:
            st.info(NO_CURVES)
            return
        response, gradient, band = curves
        reading = read_edge(response, gradient, levels)
        differs = unusual(reading, _typical(run.id))
    except GrnError as error:
        show_error(error)
        return
    units = run.units or UNITS
    st.plotly_chart(
        plots.response_curve(
            levels,
            response,
            source=source,
            target=target,
            sign=sign,
            reading=reading,
            units=units,
            band=band,
        ),
        theme="streamlit",
        key=f"vvp_{source}_{target}",
        alt=f"Response curve of {target} over the level of {source}; range {reading.response_range:z.3g}.",
    )
    st.caption(
        f"**Response curve (VVP).** How far the model moves {plain(target)} when {plain(source)} is set to each level. "
        "Grey: the middle 80% of this TF's curves."
    )
    st.caption(plain(run.about_curves))
    _differing(reading, differs)
    with st.expander("Slope, all readings, and how to read this", icon=":material/menu_book:"):
        st.plotly_chart(
            plots.gradient_trajectory(
                levels, gradient, source=source, target=target, sign=sign, reading=reading, units=units
            ),
            theme="streamlit",
            key=f"gdt_{source}_{target}",
            alt=f"Slope of {target} over the level of {source}; steepest, {reading.peak_slope:z.3g}, at "
            f"{reading.peak_level:z.2g}.",
        )
        st.markdown(
            "**Gradient trajectory (GDT).** The exact slope of the response at each level: above zero a little more of "
            f"{plain(source)} raises {plain(target)}, below zero it lowers it. Every other gene is at its background. "
            "The curves are those of one model: translators turn them into the probability, and differ in it by its "
            "uncertainty, not in the curves."
        )
        st.table(readings_table(reading), hide_index=True)


def _differing(reading: EdgeReading, differs: dict[str, float]) -> None:
    """List the readings in which the edge differs from its run's typical one, and by how much."""
    if not differs:
        st.caption("No reading of these curves differs from what is typical of the run.")
        return
    table = readings_table(reading)
    values = dict(zip(table["Reading"], table["Value"], strict=True)) | {
        NAMES["peak_level"]: _signed(reading.peak_level)
    }
    rows = [(NAMES[name], values[NAMES[name]], _beside(below)) for name, below in differs.items()]
    st.table(pd.DataFrame(rows, columns=["What differs", "Here", "Of the run's edges"]), hide_index=True)


def _beside(below: float) -> str:
    if below in (0.0, 1.0):
        return "the highest" if below else "the lowest"
    return f"higher than {in_words.share(below)}" if below > 0.5 else f"lower than {in_words.share(1 - below)}"


@copied(max_entries=16)
def _typical(run_id: str) -> np.ndarray:
    store = RunStore()
    features = store.features(run_id)
    return typical_readings(features["vvp"], features["gdt"], np.asarray(store.levels(run_id)))


def _curves(
    run: RunView, source: str, target: str
) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]] | None:
    """Return response, slope and the band of the TF's responses; None where the run keeps no curves."""
    response, gradient = run.features("vvp"), run.features("gdt")
    if response is None or gradient is None or not run.grid:
        return None
    tf, gene = run.sources.index(source), run.panel_genes.index(target)
    return response[tf, gene], gradient[tf, gene], typical_band(response[tf])


def readings_table(reading: EdgeReading) -> pd.DataFrame:
    """Return the readings of an edge as rows of name, value and meaning."""
    rows = [
        ("Threshold", _level(reading.threshold, "flat"), "level of the TF at which the target starts to move"),
        ("Saturation", _level(reading.saturation, "not seen"), "level from which it moves no further"),
        ("Monotonicity", _number(reading.monotonicity), "+1 only rises, −1 only falls, near 0 turns back"),
        (
            "Steepest slope",
            "flat"
            if reading.monotonicity is None
            else f"{_signed(reading.peak_slope, '.3g')} at {_signed(reading.peak_level)}",
            "change per unit, and where",
        ),
        ("Size of response", f"{reading.response_range:z.3g}", "highest minus lowest point of the curve"),
        ("Curves agree", _share(reading.slope_agreement), "steps in which response and slope have the same sign"),
    ]
    return pd.DataFrame(rows, columns=["Reading", "Value", "Meaning"])


def _signed(value: float, digits: str = ".2f") -> str:
    return f"{value:+{digits}}".replace("-", "−")


def _level(value: float | None, otherwise: str) -> str:
    return otherwise if value is None else _signed(value)


def _number(value: float | None) -> str:
    return "flat" if value is None else _signed(value)


def _share(value: float | None) -> str:
    return "flat" if value is None else f"{value:z.0%}"
