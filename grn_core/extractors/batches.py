"""How many virtual cells go through a model at once: the part of the extraction that needs memory."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import torch

from grn_core.errors import RequestError, RunError

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
    """How many virtual cells go through the model at once, and in which precision; shared by all passes of a job.

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

    def autocast(self, device: str) -> AbstractContextManager[object]:
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
