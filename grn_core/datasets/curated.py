"""The published Boolean rules of BEELINE's four curated models, as data.

Each rule says when a gene is on, in ``and``, ``or``, ``not`` of the nodes of its model, in the form that BEELINE
(Pratapa et al. 2020, doi:10.1038/s41592-019-0690-6) took from the original papers. `symbols` gives the official gene
symbol of every node that is not one already; a node with the symbol ``""`` is no gene (it is simulated, not measured);
two nodes with one symbol are two products of one gene, which single-cell RNA counts together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class BooleanModel:
    """One published Boolean model.

    Attributes
    ----------
    ref, title, species, reference
        Name, plain title, ``human`` or ``mouse`` and the paper that published the rules.
    rules
        Node to rule, e.g. ``{"Fog1": "Gata1", "Fli1": "Gata1 and not Eklf"}``.
    initial
        Node to its mRNA level at time 0, in units of the highest steady level; nodes that are not named start at 0.
        BEELINE's starting points, but for Jun: with some of it every published cell fate is reached (ours).
    symbols
        Node to official symbol where they differ; ``""`` for a node that is no gene.
    duration
        Simulated time in mRNA-protein units (protein half-life is ln 2).
    """

    ref: str
    title: str
    species: str
    reference: str
    rules: Mapping[str, str]
    initial: Mapping[str, float]
    symbols: Mapping[str, str] = field(default_factory=dict)
    duration: float = 8.0

    def symbol(self, node: str) -> str:
        """Official symbol of a node, ``""`` when it is no gene."""
        return self.symbols.get(node, node)


GSD = BooleanModel(
    ref="GSD",
    title="Gonadal sex determination (Boolean model)",
    species="human",
    reference="Rios et al. 2015, doi:10.3389/fgene.2015.00307",
    rules={
        "UGR": "UGR and not (NR5A1 or WNT4)",
        "CBX2": "UGR and not (NR0B1 and WNT4 and CTNNB1)",
        "GATA4": "UGR or WNT4 or NR5A1 or SRY",
        "WT1mKTS": "UGR or GATA4",
        "WT1pKTS": "(UGR or GATA4) and not (WNT4 and CTNNB1)",
        "NR5A1": "(UGR or CBX2 or WT1mKTS or GATA4) and not (NR0B1 and WNT4)",
        "NR0B1": "(WT1mKTS or (WNT4 and CTNNB1)) and not (NR5A1 and SOX9)",
        "SRY": "((NR5A1 and WT1mKTS and CBX2) or (GATA4 and WT1pKTS and CBX2 and NR5A1) or SOX9 or SRY) and not CTNNB1",
        "SOX9": "((SOX9 and FGF9) or SRY or PGD2 or (SRY and CBX2) or (GATA4 and NR5A1 and SRY))"
        " and not (WNT4 or CTNNB1 or FOXL2)",
        "FGF9": "SOX9 and not WNT4",
        "PGD2": "SOX9",
        "DMRT1": "(SRY or SOX9) and not FOXL2",
        "DHH": "SOX9",
        "DKK1": "SRY or SOX9",
        "AMH": "((SOX9 and GATA4 and NR5A1) or (SOX9 and NR5A1 and GATA4 and WT1mKTS)) and not (NR0B1 and CTNNB1)",
        "WNT4": "(GATA4 or CTNNB1 or RSPO1 or NR0B1) and not (FGF9 or DKK1)",
        "RSPO1": "(WNT4 or CTNNB1) and not DKK1",
        "FOXL2": "(WNT4 and CTNNB1) and not (DMRT1 or SOX9)",
        "CTNNB1": "(WNT4 or RSPO1) and not (SRY or (SOX9 and AMH))",
    },
    initial={"UGR": 1.0},
    symbols={"UGR": "", "WT1mKTS": "WT1", "WT1pKTS": "WT1", "PGD2": "PTGDS"},
)

HSC = BooleanModel(
    ref="HSC",
    title="Haematopoietic stem cells (Boolean model)",
    species="mouse",
    reference="Krumsiek et al. 2011, doi:10.1371/journal.pone.0022649",
    rules={
        "Gata2": "Gata2 and not (Gata1 and Fog1) and not Pu1",
        "Gata1": "(Gata1 or Gata2 or Fli1) and not Pu1",
        "Fog1": "Gata1",
        "Eklf": "Gata1 and not Fli1",
        "Fli1": "Gata1 and not Eklf",
        "Scl": "Gata1 and not Pu1",
        "Cebpa": "Cebpa and not (Gata1 and Fog1 and Scl)",
        "Pu1": "(Cebpa or Pu1) and not (Gata1 or Gata2)",
        "cJun": "Pu1 and not Gfi1",
        "EgrNab": "(Pu1 and cJun) and not Gfi1",
        "Gfi1": "Cebpa and not EgrNab",
    },
    initial={"Cebpa": 1.0, "Pu1": 1.0, "Gata2": 1.0, "cJun": 0.75},
    symbols={"Fog1": "Zfpm1", "Eklf": "Klf1", "Scl": "Tal1", "Pu1": "Spi1", "cJun": "Jun", "EgrNab": "Egr1"},
)

VSC = BooleanModel(
    ref="VSC",
    title="Ventral spinal cord (Boolean model)",
    species="mouse",
    reference="Lovrics et al. 2014, doi:10.1371/journal.pone.0111430",
    rules={
        "Nkx61": "not Dbx2",
        "Nkx62": "not (Nkx61 or Dbx1)",
        "Nkx22": "not (Pax6 or Dbx2)",
        "Pax6": "not Nkx22",
        "Dbx1": "not (Nkx62 or Nkx61)",
        "Dbx2": "not (Nkx61 or Olig2 or Nkx22)",
        "Olig2": "not (Irx3 or Nkx22)",
        "Irx3": "not (Olig2 or Nkx22)",
    },
    initial=dict.fromkeys(("Nkx61", "Nkx62", "Nkx22", "Pax6", "Dbx1", "Dbx2", "Olig2", "Irx3"), 0.5),
    symbols={"Nkx61": "Nkx6-1", "Nkx62": "Nkx6-2", "Nkx22": "Nkx2-2"},
)

MCAD = BooleanModel(
    ref="mCAD",
    title="Mammalian cortical area development (Boolean model)",
    species="mouse",
    reference="Giacomantonio and Goodhill 2010, doi:10.1371/journal.pcbi.1000936",
    rules={
        "Fgf8": "Fgf8 and Sp8 and not Emx2",
        "Emx2": "Coup and not Fgf8 and not Pax6 and not Sp8",
        "Pax6": "Sp8 and not Emx2 and not Coup",
        "Coup": "not Fgf8 and not Sp8",
        "Sp8": "Fgf8 and not Emx2",
    },
    initial={"Fgf8": 1.0},
    symbols={"Coup": "Nr2f1"},
)

MODELS: dict[str, BooleanModel] = {model.ref: model for model in (GSD, HSC, VSC, MCAD)}
