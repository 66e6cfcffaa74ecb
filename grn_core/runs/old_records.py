"""Records of runs that earlier versions wrote, in today's format; the ids of the runs stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from grn_core.runs.request import FORMAT
from grn_core.translator.calibration import LIKELY, SCORED, uncalibrated

OWNER, EXECUTOR = "", "local"
"""Whose run it is (the one user's), and what computes it (a process on this machine)."""
CELLS = ("dataset_ref", "dataset_sha", "cells")
PANEL = (*CELLS, "species", "n_variable", "tfs", "genes", "model")


def today(record: Any) -> Any:
    """Return a record of ``run.json`` in today's format; one that is in it, or damaged, as it is.

    Format 1 had one kind of request with fields for all, and options of their own as text in ``extra``. Until
    results of version 3 every network of a translator had signs, and probabilities whether they were calibrated or not.
    """
    if not isinstance(record, dict):
        return record
    return _as_it_was(record if record.get("format", 1) >= FORMAT else _in_format_2(record))


def _in_format_2(record: dict[str, Any]) -> dict[str, Any]:
    versions = {"results": "1", **record.get("versions", {})}
    request = _REQUESTS[record["request"]["kind"]](record["request"])
    kept = {"kind": record["request"]["kind"], "title": record["request"].get("title", ""), **request}
    made = {"format": FORMAT, "owner": OWNER, "executor": EXECUTOR}
    return {**record, **made, "versions": versions, "request": kept}


def _as_it_was(record: dict[str, Any]) -> dict[str, Any]:
    """Return the record of an inference with what it did not say of signs and probabilities: those it has."""
    request, result = record.get("request"), record.get("result") or {}
    if not isinstance(request, dict) or request.get("kind") != "infer" or "signs" in request:
        return record
    why = uncalibrated({}, background=request.get("background", "virtual"), adapted=bool(request.get("adapt")))
    told = {"directed": True, **(result.get("score") or {}), "signed": True, "why": why}
    told |= SCORED if why else LIKELY
    return {**record, "request": {**request, "signs": "slope"}, "result": {**result, "score": told} if result else {}}


def _only(old: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: old[name] for name in names if name in old}


def _infer(old: Mapping[str, Any]) -> dict[str, Any]:
    kept = _only(old, (*PANEL, "readout", "background", "translator", "seeds", "adapt"))
    return {**kept, "extractors": old.get("methods", ("gdt", "vvp"))}


def _ranks(old: Mapping[str, Any]) -> dict[str, Any]:
    return _only(old, (*PANEL, "readout"))


def _coexpression(old: Mapping[str, Any]) -> dict[str, Any]:
    chosen = {"method": old["methods"][0], "seed": old["seeds"][0], "options": _extra(old)}
    return {**_only(old, PANEL), **chosen}


def _umap(old: Mapping[str, Any]) -> dict[str, Any]:
    return {**_only(old, ("dataset_ref", "dataset_sha")), "seed": old["seeds"][0]}


def _consensus(old: Mapping[str, Any]) -> dict[str, Any]:
    return {"runs": [run for run in _extra(old).get("runs", "").split(",") if run]}


def _benchmark(old: Mapping[str, Any]) -> dict[str, Any]:
    return {"options": {**_extra(old), "model": old["model"], "n_seeds": len(old["seeds"])}}


def _pull(old: Mapping[str, Any]) -> dict[str, Any]:
    return {"checkpoint": old["model"]}


def _add(old: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": old["model"], "folder": _extra(old)["folder"]}


def _extra(old: Mapping[str, Any]) -> dict[str, str]:
    return dict(old.get("extra", ()))


_REQUESTS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "infer": _infer,
    "ranks": _ranks,
    "coexpression": _coexpression,
    "umap": _umap,
    "consensus": _consensus,
    "benchmark": _benchmark,
    "pull": _pull,
    "add": _add,
}
