"""How a prediction fits a measurement: the figures, and the sentences that say them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Agreement:
    """How a prediction fits a measurement.

    Attributes
    ----------
    n_genes
        Genes that are in both.
    n_measured
        Of them, those with a number; the others are in the table for other TFs.
    spearman, spearman_shuffled
        Rank correlation of the changes over the `n_measured`; the 2.5th and 97.5th percentile with shuffled genes.
    n_others, spearman_others, auprc_others
        Of how many other TFs the same model's answer was set beside the same measurement, and from what to what that
        came (the least and the most); none where none were asked.
    n_responders, rule
        Genes that responded, and what says so.
    n_up, n_down
        Responders that were measured to rise, and to fall.
    columns
        Sentences that say what was read from which column of the measured table, and which of its genes not.
    auprc, auprc_shuffled
        Of ranking them by the size of the predicted change, and the same percentiles with shuffled genes; None where
        all genes or none responded.
    auprc_often
        Of ranking them by how often they respond to the other TFs of the table; None where it names no others.
    sign, sign_majority, sign_balanced, n_signed
        Share of responders whose sign is right, of the commoner sign alone, mean over both signs, and of how many;
        None where only one sign was measured.
    """

    n_genes: int
    n_measured: int
    spearman: float
    spearman_shuffled: tuple[float, float]
    n_responders: int
    rule: str
    auprc: float | None = None
    auprc_shuffled: tuple[float, float] | None = None
    auprc_often: float | None = None
    sign: float | None = None
    sign_majority: float | None = None
    sign_balanced: float | None = None
    n_signed: int = 0
    n_up: int = 0
    n_down: int = 0
    n_others: int = 0
    spearman_others: tuple[float, float] | None = None
    auprc_others: tuple[float, float] | None = None
    columns: tuple[str, ...] = ()

    @property
    def chance(self) -> float:
        """Share of responders: the AUPRC of a guess."""
        return self.n_responders / self.n_genes

    def to_json(self) -> dict[str, Any]:
        """Return JSON types."""
        return {**asdict(self), "chance": self.chance, "words": self.words()}

    def words(self) -> list[str]:
        """Say it in sentences, the ranks first."""
        low, high = self.spearman_shuffled
        others, responding, above, below = "", "", high, low
        if self.spearman_others is not None:
            least, most = self.spearman_others
            above, below = max(high, most), min(low, least)
            others = f"; the same model's answers for {self.n_others} other TFs {least:+z.2f} to {most:+z.2f}"
        verdict = "no better than"
        if not below <= self.spearman <= above:
            verdict = "better than" if self.spearman > above else "worse than"
        if self.auprc_others is not None:
            responding = f", the answers for other TFs {self.auprc_others[0]:z.3f} to {self.auprc_others[1]:z.3f}"
        ranks = f"Spearman {self.spearman:+z.2f} over {self.n_measured:,} genes"
        said = [f"Ranks: {ranks}, {verdict} the controls: shuffled genes {low:+z.2f} to {high:+z.2f}{others}."]
        if self.auprc is None or self.auprc_shuffled is None:
            said.append(
                f"Responders: {self.n_responders:,} of {self.n_genes:,} genes ({self.rule}), so none to tell apart."
            )
        else:
            often = "" if self.auprc_often is None else f"; genes that respond to the other TFs {self.auprc_often:z.3f}"
            said.append(
                f"Responders ({self.n_responders:,} of {self.n_genes:,}, {self.rule}): AUPRC {self.auprc:z.3f}; a "
                f"guess {self.chance:z.3f}, shuffled genes up to {self.auprc_shuffled[1]:z.3f}{responding}{often}."
            )
        if self.sign is not None and self.sign_majority is not None:
            said.append(
                f"Signs: right for {self.sign:z.0%} of {self.n_signed:,} responders; the commoner sign alone "
                f"{self.sign_majority:z.0%}."
            )
        elif self.n_up or self.n_down:
            way = "rose" if self.n_up else "fell"
            said.append(f"Signs: not compared, as every responder {way}: to say so of all genes would be right too.")
        else:
            said.append("Signs: not compared, as no responder has a measured sign.")
        return [*said, *self.columns]
