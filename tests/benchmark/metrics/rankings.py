"""Made-up rankings, and measures by loops that follow their definitions."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st


@st.composite
def rankings(draw):
    """Labels of both kinds, and scores with many ties."""
    label = [1, 0, *draw(st.lists(st.integers(0, 1), max_size=30))]
    score = draw(st.lists(st.integers(-4, 4), min_size=len(label), max_size=len(label)))
    return np.array(label, dtype=np.float32), np.array(score, dtype=float)


def slow_average_precision(label, score, weight=1.0):
    """Of each edge: the share of edges among all that score no less than it, a negative counting `weight`."""
    found = []
    for own, edge in zip(score, label, strict=True):
        if edge:
            edges = sum(1.0 for s, one in zip(score, label, strict=True) if one and s >= own)
            others = sum(weight for s, one in zip(score, label, strict=True) if not one and s >= own)
            found.append(edges / (edges + others))
    return sum(found) / len(found)


def slow_area_under_roc(label, score):
    """Of each edge and each negative: 1 where the edge scores higher, half where they are level."""
    edges, others = score[label > 0], score[label == 0]
    won = [1.0 if edge > other else 0.5 if edge == other else 0.0 for edge in edges for other in others]
    return sum(won) / len(won)


def slow_early_precision(label, score, weight=1.0):
    """Fill as many places as there are edges, group by group of level scores; the last group by its share of edges."""
    places = left = float(sum(label))
    found = 0.0
    for own in sorted(set(score.tolist()), reverse=True):
        edges = sum(1.0 for s, one in zip(score, label, strict=True) if one and s == own)
        others = sum(weight for s, one in zip(score, label, strict=True) if not one and s == own)
        taken = min(left, edges + others)
        found += taken * edges / (edges + others)
        left -= taken
    return found / places


def slow_beeline_early_precision(label, score):
    """Cut at the k-th best score, k = number of edges; whatever is level with it counts, a score of 0 does not."""
    cut = sorted(score.tolist(), reverse=True)[int(sum(label)) - 1]
    kept = [one for s, one in zip(score, label, strict=True) if s >= cut and s > 0]
    return sum(kept) / len(kept) if kept else 0.0


def slow_trapezoid(label, score):
    """Precision against recall from (0, 1), straight lines between the steps."""
    recalls, precisions = [0.0], [1.0]
    for own in sorted(set(score.tolist()), reverse=True):
        edges = sum(1.0 for s, one in zip(score, label, strict=True) if one and s >= own)
        total = sum(1.0 for s in score if s >= own)
        recalls.append(edges / sum(label))
        precisions.append(edges / total)
    return sum((recalls[n + 1] - recalls[n]) * (precisions[n + 1] + precisions[n]) / 2 for n in range(len(recalls) - 1))
