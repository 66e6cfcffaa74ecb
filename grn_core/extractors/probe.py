"""Virtual cells in batches through a model: the part of the extraction that needs memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch
from torch import Tensor

from grn_core.errors import RequestError, RunError
from grn_core.extractors import gdt, vvp
from grn_core.extractors.records import EXTRACTORS
from grn_core.models.interface import FoundationModel

TOKENS_PER_BATCH = 6144
PRECISIONS = ("float32", "bfloat16")
# What torch's allocators say; only CUDA's has an error class of its own.
OUT_OF_MEMORY = ("can't allocate memory", "MPS backend out of memory")


def silent_note(text: str) -> None:
    """Listen to no note: the default of every function that may have one."""


def cells_per_batch(n_tokens: int) -> int:
    """Virtual cells of `n_tokens` that make up a batch that stays in cache."""
    return max(1, TOKENS_PER_BATCH // max(1, n_tokens))


class Batch:
    """How many virtual cells go through the model at once, and in which precision; shared by all probes of a job.

    Parameters
    ----------
    size
        Virtual cells per pass; chosen by the number of genes if None. Halved where memory runs out.
    precision
        One of `PRECISIONS`; ``bfloat16`` is autocast, see `grn_core.extractors.engine.extract_features`.
    note
        Called with a sentence when memory ran out.
    """

    def __init__(self, size: int | None, *, precision: str, note: Callable[[str], object]) -> None:
        if precision not in PRECISIONS:
            message = f"precision {precision!r} is not known"
            raise RequestError(message, needed=" or ".join(PRECISIONS))
        self.size, self.precision, self.note = size, precision, note

    def cells(self, n_tokens: int) -> int:
        """Virtual cells of `n_tokens` per pass."""
        return cells_per_batch(n_tokens) if self.size is None else self.size

    def autocast(self, device: str) -> AbstractContextManager:
        """Context in which the model runs."""
        return torch.autocast(device, dtype=torch.bfloat16) if self.precision == "bfloat16" else nullcontext()

    def run(
        self, work: Callable[[slice], None], n_cells: int, *, n_genes: int, n_tokens: int | None = None, device: str
    ) -> None:
        """Call `work` with slices that cover the cells; where memory runs out, go on with half of the cells at once.

        Raises
        ------
        RunError
            If there is no memory for a single cell.
        """
        done = 0
        while done < n_cells:
            size = min(self.cells(n_genes if n_tokens is None else n_tokens), n_cells)
            try:
                with self.autocast(device):
                    work(slice(done, done + size))
            except RuntimeError as error:
                if not _ran_out(error):
                    raise
            else:
                done += size
                continue
            self._halve(size, n_genes, device)  # here the error is gone, and the tensors that it kept

    def _halve(self, size: int, n_genes: int, device: str) -> None:
        where = "graphics processor" if device in ("cuda", "mps") else "machine"
        if size == 1:
            message = f"the memory of the {where} does not hold one virtual cell of {n_genes:,} genes"
            raise RunError(message, needed="more memory", todo="choose fewer genes or a smaller model")
        self.size = size // 2
        if device == "cuda":
            torch.cuda.empty_cache()
        self.note(f"The memory of the {where} ran out with {size} virtual cells at once: went on with {self.size}.")


def _ran_out(error: Exception) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or any(words in str(error) for words in OUT_OF_MEMORY)


class Probe:
    """Runs virtual cells of some sources through the model.

    Parameters
    ----------
    model, genes, readout
        As in `extract_features`.
    base
        (L,) background values.
    kinds
        Extractors.
    batch
        How many cells at once.
    """

    def __init__(
        self,
        model: FoundationModel,
        genes: Sequence[str],
        base: Tensor,
        *,
        readout: str,
        kinds: Sequence[str],
        batch: Batch,
    ) -> None:
        self.model, self.genes, self.base, self.readout, self.batch = model, genes, base, readout, batch
        self.kinds = tuple(kinds)
        self.hides = model.record.hides_targets(readout)
        self.shared: Tensor | None = None

    def part(self, members: np.ndarray) -> Probe:
        """Probe of some of the genes, given by their positions, at the same background values."""
        names = [self.genes[member] for member in members]
        base = self.base[torch.as_tensor(members, device=self.base.device)]
        return Probe(self.model, names, base, readout=self.readout, kinds=self.kinds, batch=self.batch)

    def cells(self, sources: Tensor, levels: Tensor | None) -> tuple[Tensor, Tensor]:
        """Virtual cells (N, L), source n at level n (at the background if None), and one-hot sources (N, L)."""
        at_source = torch.nn.functional.one_hot(sources, len(self.genes)).bool()
        values = self.base.expand(len(sources), -1)
        return (values if levels is None else torch.where(at_source, levels[:, None], values)), at_source

    def run(self, sources: Sequence[int], levels: Sequence[float]) -> dict[str, np.ndarray]:
        """Features (S, L, levels) of some sources."""
        own = torch.tensor(sources, device=self.base.device)
        grid = torch.tensor(levels, dtype=self.base.dtype, device=self.base.device)
        values, tangents = self.joint(own.repeat_interleave(len(grid)), grid.repeat(len(own)))
        shape = (len(own), len(grid), len(self.genes))
        result = {}
        if "vvp" in self.kinds:
            result["vvp"] = vvp.response(values.view(shape), self._baseline(own))
        if "gdt" in self.kinds:
            result["gdt"] = gdt.slopes(tangents.view(shape))
        return {kind: result[kind].float().cpu().numpy() for kind in self.kinds}

    def joint(self, sources: Tensor, levels: Tensor) -> tuple[Tensor, Tensor]:
        """Values and tangents (N, L), source n at level n; no tangents where no extractor needs them."""
        with_tangent = any(EXTRACTORS[kind].needs_tangent for kind in self.kinds)
        values, tangents = [], []

        def work(part: slice) -> None:
            cells, at_source = self.cells(sources[part], levels[part])
            shown = at_source if self.hides else None
            if with_tangent:
                value, tangent = self.model.value_and_tangent(
                    self.genes, cells, at_source.to(cells.dtype), readout=self.readout, shown=shown
                )
                tangents.append(tangent)
            else:
                value = self.model.predict(self.genes, cells, readout=self.readout, shown=shown)
            values.append(value)

        self._in_parts(work, len(sources))
        return torch.cat(values), torch.cat(tangents) if tangents else torch.empty(0)

    def _baseline(self, sources: Tensor) -> Tensor:
        """Reconstruction at the background: one row for all sources, or one each where the source alone is shown."""
        rows = []

        def work(part: slice) -> None:
            cells, at_source = self.cells(sources[part], None)
            rows.append(self.model.predict(self.genes, cells, readout=self.readout, shown=at_source))

        def work_once(_part: slice) -> None:
            self.shared = self.model.predict(self.genes, self.base[None], readout=self.readout)

        if self.hides:
            self._in_parts(work, len(sources))
            return torch.cat(rows)
        if self.shared is None:
            self._in_parts(work_once, 1)
        return self.shared

    def _in_parts(self, work: Callable[[slice], None], n_cells: int) -> None:
        n_genes, device = len(self.genes), self.base.device.type
        n_tokens = self.model.tokens(n_genes, self.readout)
        self.batch.run(work, n_cells, n_genes=n_genes, n_tokens=n_tokens, device=device)


def probes_of(
    model: FoundationModel, genes: Sequence[str], base: Tensor, readout: str, kinds: Sequence[str], batch: Batch
) -> list[Probe]:
    """One probe for each member of a readout."""
    members = model.record.members(readout)
    return [Probe(model, genes, base, readout=member, kinds=tuple(kinds), batch=batch) for member in members]
