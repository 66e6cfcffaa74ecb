"""One finished run of a network: its record and what the record means, without a page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from grn_core.planning import BACKGROUNDS
from grn_core.runs.edge_cells import has_cells
from grn_core.runs.jobs import request_from_json
from grn_core.runs.kinds.infer import InferRequest
from grn_core.runs.names import background_of, file_name, name_of
from grn_core.runs.store import RunStore
from grn_core.runs.tested import in_one_line
from grn_core.runs.versions import differences
from grn_core.translator import direction_worth, sign_worth
from grn_core.translator import expected as precision
from grn_core.translator.calibration import mark

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from grn_core.runs.request import Request


JOINED = "Standard deviation of the probability: what the runs say of their own, and how far they are apart."


@dataclass(frozen=True, eq=False)
class FinishedRun:
    """A finished network, read from the run store.

    Attributes
    ----------
    id
        The run id.
    record
        ``run.json``: request, hashes, versions, created, result.
    """

    id: str
    record: dict[str, Any]

    @classmethod
    def of(cls, run_id: str) -> Self:
        """Return the finished run `run_id`; `RunError` if there is none."""
        return cls(run_id, RunStore().record(run_id))

    @property
    def title(self) -> str:
        """What the user calls it, or what it is called by what was asked."""
        return RunStore().marks(self.id).name or name_of(self.request)

    @property
    def file_name(self) -> str:
        """How the names of its files begin."""
        return file_name(self.title, self.id)

    @property
    def background(self) -> str:
        """In which cell the model was asked, in words; empty where that is no question."""
        return background_of(self.request)

    @property
    def request(self) -> Request:
        """What was asked."""
        return request_from_json(self.record["request"])

    @property
    def differs(self) -> str:
        """What computed it that is not what is here, in words; empty where it is the same."""
        packages = self.request.packages()
        return "" if packages is None else differences(self.record, packages)

    @property
    def edges(self) -> pd.DataFrame:
        """The edge table, best edge first; a copy of the caller's own."""
        return RunStore().edges(self.id)

    @property
    def panel_genes(self) -> tuple[str, ...]:
        """Names of the genes as the user's data have them, in the order of the features' second axis."""
        return tuple(self._panel["labels"])

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the TFs, in the order of the features' first axis."""
        labels = self.panel_genes
        return tuple(labels[index] for index in self._panel["sources"])

    @property
    def grid(self) -> list[float]:
        """The source levels of the features, in the model's value units; empty when there are no features."""
        return RunStore().levels(self.id)

    @property
    def units(self) -> str:
        """Units of the levels (a model's) or of the cells (co-expression), in words; empty if not written down."""
        return str((self.record.get("result") or {}).get("units", ""))

    @property
    def score(self) -> dict[str, Any] | None:
        """What the scores are (``title``, ``unit``, ``signed``, ``directed``, ``limits``); None for probabilities."""
        return None if self._score.get("probability", True) else self._score

    @property
    def _score(self) -> dict[str, Any]:
        """What the record says of the scores; nothing in runs of a translator of before this was said."""
        found = (self.record.get("result") or {}).get("score")
        return {} if found is None else {"probability": False, **found}

    @property
    def scored(self) -> bool:
        """Whether the run puts some edges before others; an imported list may not."""
        return bool(self._score.get("scored", True))

    @property
    def imported(self) -> bool:
        """Whether it was read from a file: there is neither a model nor a cell behind it."""
        return self.request.kind == "import"

    @property
    def signed(self) -> bool:
        """Whether the edges say activation or repression."""
        return bool(self._score.get("signed", True))

    @property
    def why(self) -> str:
        """Why the scores are no probabilities, in a sentence; empty for probabilities, or where nothing is said."""
        return str(self._score.get("why", ""))

    @property
    def prior(self) -> float | None:
        """The share of edges that the probabilities were corrected for; None where they were not, or there are none."""
        return self._score.get("prior") if self.score is None else None

    @property
    def calibration(self) -> str:
        """Which calibration on held-out data sets gave them, see `grn_core.translator.calibration.mark`."""
        return mark(self._held_out)

    @property
    def share_of_edges(self) -> str:
        """How many pairs are edges and of what, the `prior` in a clause; empty where there is none."""
        if self.prior is None:
            return ""
        of = "of the reference that the translator learnt from"
        if not self.asks_model:
            of = "by the runs that were put together, on average"
        if self._held_out:
            names = ", ".join(str(one.get("test", "?")) for one in self._held_out.get("sets", ()))
            of = f"of the references of data sets held out, on average ({names})"
        return f"{self.prior:z.1%} of all pairs are edges {of}"

    @property
    def uncertainty(self) -> str:
        """What the uncertainty of an edge is, a sentence; empty where there is none: of one seed, or no translator."""
        asked = self.request
        if not isinstance(asked, InferRequest):
            return "" if self.score is not None or self.imported else JOINED
        told = self._held_out if self.score is None else {}
        over = ["the translator's seeds"] if len(asked.seeds) > 1 else []
        if len(told.get("sets", ())) > 1:
            over.append("the data sets held out")
        if told.get("training"):
            over.append("the data sets that it could have learnt from")
        what = "probability" if self.score is None else "score"
        return f"Standard deviation of the {what} over {' and '.join(over)}." if over else ""

    @property
    def _held_out(self) -> dict[str, Any]:
        """What the held-out data sets said that gave the probabilities."""
        found: dict[str, Any] = self._probe.get("held_out", {})
        return found

    @property
    def _probe(self) -> dict[str, Any]:
        """What of the model and the translator decided the scores beside their weights; empty for other networks."""
        found: dict[str, Any] = json.loads((self.record.get("hashes") or {}).get("probe") or "{}")
        return found

    def worth_of(self, expected: float) -> str:
        """Say what an expected precision of this run was worth on data sets held out."""
        asked = self.request
        if not isinstance(asked, InferRequest):
            return ""
        return precision.in_words(
            asked.translator,
            expected,
            extractors=asked.extractors,
            mark=self.calibration,
            seeds=asked.seeds,
        )

    @property
    def of_further_genes(self) -> str:
        """What its probabilities were worth on genes that vary less than those of the calibration; "" if unknown."""
        asked = self.request
        if not isinstance(asked, InferRequest) or self.prior is None:
            return ""
        from grn_core.translator import reliability  # brings pandas

        return reliability.of_further_genes(asked.translator, mark=self.calibration)

    def content(self, name: str) -> str:
        """Return the hash of what it named ``model``, ``translator`` or otherwise when it was computed; "" for none."""
        return str((self.record.get("hashes") or {}).get(name, ""))

    @property
    def tested(self) -> str:
        """What such answers reach on test sets, see `grn_core.runs.tested`; empty where that is not known."""
        return in_one_line(self.request, self.record.get("hashes") or {})

    @property
    def asks_model(self) -> bool:
        """Whether a translator has read the answers of a model, so that there can be curves."""
        return self.request.kind == "infer"

    @property
    def about_signs(self) -> str:
        """What the signs of a model's network are worth, or why it has none; empty for other networks."""
        if not self.asks_model:
            return ""
        return sign_worth.in_words(getattr(self.request, "model", "")) if self.signed else sign_worth.NO_SIGN

    @property
    def about_curves(self) -> str:
        """What it is worth whether a response curve rises or falls; empty for networks without curves."""
        return sign_worth.of_curve(getattr(self.request, "model", "")) if self.asks_model else ""

    def about_direction(self, target: str) -> tuple[str, str]:
        """Say what the direction of an edge is worth where its target is a TF of the run, and by what figures.

        Both are empty for other edges, the second also where nothing was measured.
        """
        asked = self.request
        if not isinstance(asked, InferRequest) or not self.directed or target not in self.sources:
            return "", ""
        as_measured = asked.adapt is None and asked.asked_in == BACKGROUNDS[0]
        sha = self.content("translator") if as_measured else ""
        return direction_worth.in_words(sha, asked.extractors), direction_worth.figures(sha, asked.extractors)

    @property
    def directed(self) -> bool:
        """Whether the method tells source -> target from target -> source."""
        return bool(self._score.get("directed", True))

    def cells(self, source: str, target: str) -> np.ndarray | None:
        """Return two genes in the cells kept with a co-expression run, shape (2, cells); None if there are none."""
        if self.request.kind != "coexpression":
            return None
        kept, genes = RunStore().expression(self.id), self.panel_genes
        return kept[[genes.index(source), genes.index(target)]]

    @property
    def has_cells(self) -> bool:
        """Whether it was asked of a dataset, whose cells can be looked at."""
        return has_cells(self.request)

    def features(self, kind: str) -> np.ndarray | None:
        """Return the features ``vvp`` or ``gdt``, shape (TFs, genes, levels), on disk; None if not computed."""
        return RunStore().features(self.id).get(kind)

    @cached_property
    def _panel(self) -> dict[str, Any]:
        return RunStore().panel(self.id)
