"""What is to be said of one edge of a run, gathered, and read in one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grn_core.benchmark.references.known import Known, known_in, left_out_of_training, seen_in_training
from grn_core.networks.edge_table import expected_precision
from grn_core.networks.selection import BETWEEN, read_as
from grn_core.runs.kinds.infer import InferRequest
from grn_core.translator.expected import Found, found_at

if TYPE_CHECKING:
    import pandas as pd

    from grn_core.networks.cells import CellReading
    from grn_core.runs.request import Request


@dataclass(frozen=True)
class EdgeFacts:
    """What is known of an edge beside its curves and cells.

    Attributes
    ----------
    source, target
        Names as the results show them.
    directed
        Whether the method tells source -> target from target -> source.
    rank, n_edges
        Place among the edges of the run, 1 = best; None where they have no order.
    expected, found
        Expected share of true edges among it and all before it, and what that was worth on data sets held out; None
        where there is no probability of a network, or it was not measured.
    sign, agreement
        +1, -1 or 0, and the share of levels that agree with it; None where the run has no signs.
    known
        What the bundled references that hold both genes say.
    seen
        Whether it was an edge of the translator's training; None where there is no translator, or that is not known.
    left_out
        Whether it is an edge of that training's references which was left out for the tests.
    """

    source: str
    target: str
    directed: bool
    rank: int | None
    n_edges: int
    expected: float | None
    found: Found | None
    sign: int | None
    agreement: float | None
    known: tuple[Known, ...]
    seen: bool | None
    left_out: bool = False

    @property
    def n_known(self) -> int:
        """Number of references that have it as an edge."""
        return sum(one.found for one in self.known)


def edge_facts(
    request: Request,
    edges: pd.DataFrame,
    row: pd.Series,
    *,
    rare: bool,
    signed: bool,
    scored: bool,
    directed: bool,
    calibration: str,
) -> EdgeFacts:
    """Gather what is known of an edge.

    Parameters
    ----------
    request
        What its run was asked.
    edges, row
        The run's ranked table, and the edge's row in it.
    rare
        Whether the probabilities are those of a network, in which edges are rare.
    signed, scored, directed
        Whether the run's edges have signs, an order, a direction.
    calibration
        Which calibration on held-out data sets gave the probabilities, see `grn_core.translator.calibration.mark`.
    """
    pair = (str(row["source_symbol"]), str(row["target_symbol"]))
    rank = int(row["rank"]) if scored else None
    expected = found = seen = None
    left_out = False
    if rare and rank is not None:
        expected = float(expected_precision(edges.head(rank))[-1])
    if isinstance(request, InferRequest):
        if expected is not None:
            found = found_at(
                request.translator,
                expected,
                extractors=request.extractors,
                mark=calibration,
                seeds=request.seeds,
            )
        shown = seen_in_training(request.translator, [pair])
        seen = None if shown is None else bool(shown[0])
        left_out = left_out_of_training(request.translator, pair)
    return EdgeFacts(
        source=str(row["source"]),
        target=str(row["target"]),
        directed=directed,
        rank=rank,
        n_edges=len(edges),
        expected=expected,
        found=found,
        sign=int(row["sign"]) if signed else None,
        agreement=float(row["sign_agreement"]) if signed and "sign_agreement" in row else None,
        known=known_in(*pair),
        seen=seen,
        left_out=left_out,
    )


def sentence(facts: EdgeFacts, cells: CellReading | None = None) -> str:
    """Read an edge in one sentence: rank, expected precision, what is known, training, sign, and the measured cells."""
    edge = f"{facts.source} {BETWEEN[facts.directed]} {facts.target}"
    down_to_it = f"expected precision of the best {facts.rank or 0:,}: " if facts.rank != 1 else "expected precision "
    expected = "" if facts.expected is None else f" ({down_to_it}{_percent(facts.expected)})"
    ranks = f"{edge} is listed" if facts.rank is None else f"{edge} ranks {facts.rank:,} of {facts.n_edges:,}{expected}"
    parts = [ranks, _known(facts)]
    if facts.seen is not None:
        unseen = "left out of the training for its tests" if facts.left_out else "not an edge of the training"
        parts.append("seen in training, so partly memory" if facts.seen else unseen)
    if facts.sign is not None:
        agree = f" at {facts.agreement:z.0%} of the levels" if facts.sign and facts.agreement else ""
        parts.append(
            f"read as {read_as(facts.sign, directed=facts.directed)}{agree}" if facts.sign else "without a sign"
        )
    if cells is not None:
        parts.append(_in_cells(facts, cells))
    return f"{'; '.join(parts)}."


def _known(facts: EdgeFacts) -> str:
    n = len(facts.known)
    if not n:
        return "no bundled reference holds both genes"
    if not facts.n_known:
        return f"in none of the {n} bundled references of both genes" if n > 1 else "not in the bundled reference"
    papers = max(one.papers for one in facts.known if one.found)
    cited = f" ({papers} publications)" if papers else ""
    return f"known in {facts.n_known} of {n} bundled reference{'s' if n > 1 else ''}{cited}"


def _in_cells(facts: EdgeFacts, cells: CellReading) -> str:
    both = f"both genes are seen in {cells.both:,} of {cells.n_cells:,} cells"
    if cells.mean_with is None or cells.mean_without is None:
        return both
    higher, lower = max(cells.mean_with, cells.mean_without), min(cells.mean_with, cells.mean_without)
    if higher - lower < 0.05 * max(higher, 1e-9):
        return f"{both}, {facts.target} the same with and without {facts.source}"
    word = "higher" if cells.mean_with > cells.mean_without else "lower"
    return f"{both}, {facts.target} {word} in those with {facts.source}"


def _percent(share: float) -> str:
    return f"{share:z.0%}" if share >= 0.1 else f"{share:z.1%}"
