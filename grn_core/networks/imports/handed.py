"""Edges as plain arrays and JSON in a folder: what the isolated reader hands over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from grn_core.networks.imports.formats import parse
from grn_core.networks.imports.records import ARRAYS, EdgeList, ScoreOffer

RECORD = "edges.json"


def read_into(path: Path, folder: Path, options: Mapping[str, Any]) -> None:
    """Read a file and write its edges into a folder; called in the isolated reader."""
    found, edges = parse(path, score=options.get("score"))
    save(edges, folder, title=found.title)


def save(edges: EdgeList, folder: Path, *, title: str) -> None:
    """Write edges into a folder that exists."""
    there = []
    for name in ARRAYS:
        values = getattr(edges, name)
        if values is not None:
            np.save(folder / f"{name}.npy", values, allow_pickle=False)
            there.append(name)
    told = {
        name: getattr(edges, name)
        for name in ("names", "ids", "symbols", "notes", "unit", "directed", "ends", "doubts")
    }
    told |= {"title": title, "arrays": there, "offers": [asdict(one) for one in edges.offers]}
    (folder / RECORD).write_text(json.dumps(told), encoding="ascii")


def load(folder: Path) -> tuple[str, EdgeList]:
    """Read the title of the format, and the edges, that `save` wrote.

    Raises
    ------
    OSError, ValueError, KeyError, TypeError
        Something is missing or is not as `save` leaves it.
    """
    told = json.loads((folder / RECORD).read_text(encoding="ascii"))
    kinds = {"source": "i", "target": "i", "sign": "i"}
    arrays: dict[str, np.ndarray] = {}
    for name in ARRAYS:
        if name in told["arrays"]:
            values: np.ndarray = np.load(folder / f"{name}.npy", allow_pickle=False)
            if values.dtype.kind != kinds.get(name, "f") or values.ndim != 1:
                message = f"{name} holds {values.dtype}"
                raise ValueError(message)
            arrays[name] = values
    names = tuple(map(str, told["names"]))
    ends = np.concatenate([arrays["source"], arrays["target"]])
    lengths = {len(one) for one in arrays.values()}
    if len(lengths) != 1 or (len(ends) and not 0 <= ends.min() <= ends.max() < len(names)):
        message = "names and edges do not fit"
        raise ValueError(message)
    edges = EdgeList(
        names=names,
        source=arrays["source"],
        target=arrays["target"],
        score=arrays.get("score"),
        sign=arrays.get("sign"),
        unit=str(told["unit"]),
        probability=arrays.get("probability"),
        sign_agreement=arrays.get("sign_agreement"),
        uncertainty=arrays.get("uncertainty"),
        ids=tuple(map(str, told["ids"])),
        symbols=tuple(map(str, told["symbols"])),
        directed=bool(told["directed"]),
        ends=tuple(map(str, told["ends"])),
        doubts=tuple(map(str, told["doubts"])),
        notes=tuple(map(str, told["notes"])),
        offers=tuple(map(_offer, told.get("offers", []))),
    )
    return str(told["title"]), edges


def _offer(kept: Mapping[str, Any]) -> ScoreOffer:
    return ScoreOffer(
        name=str(kept["name"]),
        lowest=float(kept["lowest"]),
        highest=float(kept["highest"]),
        n_different=int(kept["n_different"]),
        best=str(kept["best"]),
        is_taken=bool(kept["is_taken"]),
    )
