"""How many virtual cells go through a model at once: the part of the extraction that needs memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch

from grn_core.errors import RequestError, RunError
from grn_core.models.memory import ran_out

TOKENS_PER_BATCH = 6144
"""Tokens of a batch that stays in a processor's cache; a graphics processor begins with so many, see `Pace`."""
WORTH, TRIES = 1.1, 2
"""How much faster twice as many tokens must go through to be worth their memory; passes of which the best counts."""
PRECISIONS = ("float32", "bfloat16")


def silent_note(text: str) -> None:
    """Listen to no note: the default of every function that may have one."""


def cells_per_batch(n_tokens: int, *, most: int = TOKENS_PER_BATCH) -> int:
    """Virtual cells of `n_tokens` that have no more than so many tokens, one cell at least."""
    return max(1, most // max(1, n_tokens))


class Pace:
    """How many tokens a graphics processor is given at once: doubled for as long as they go through faster so.

    Attributes
    ----------
    tokens
        Tokens of the next pass.
    settled
        Whether twice as many were tried and not worth it; from then on nothing is measured.
    """

    def __init__(self, start: int = TOKENS_PER_BATCH) -> None:
        self.tokens, self.settled = start, False
        self._best, self._rates = 0.0, list[float]()

    def took(self, tokens: int, seconds: float) -> None:
        """Note how long a full pass took."""
        if self.settled:
            return
        self._rates.append(tokens / seconds)
        if len(self._rates) < TRIES:
            return
        rate, self._rates = max(self._rates), []
        if rate > WORTH * self._best:
            self._best, self.tokens = rate, 2 * self.tokens
        else:
            self.tokens, self.settled = self.tokens // 2, True


class Batch:
    """How many virtual cells go through the model at once, and in which precision; shared by all passes of a job.

    Parameters
    ----------
    size
        Virtual cells per pass; if None, as many as stay in the processor's cache, or as are quickest on a graphics
        processor, which is measured (`Pace`). Halved where memory runs out.
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
        self._pace: dict[int, Pace] = {}

    def cells(self, n_tokens: int, device: str = "cpu") -> int:
        """Virtual cells of `n_tokens` per pass."""
        if self.size is not None:
            return self.size
        return cells_per_batch(n_tokens, most=self._pace_of(n_tokens).tokens if device == "cuda" else TOKENS_PER_BATCH)

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
        done, n_tokens = 0, n_genes if n_tokens is None else n_tokens
        while done < n_cells:
            size = min(self.cells(n_tokens, device), n_cells)
            full = n_cells - done >= self.cells(n_tokens, device)
            measuring = device == "cuda" and self.size is None and full
            try:
                with self.autocast(device), self._timed(size, n_tokens) if measuring else nullcontext():
                    work(slice(done, done + size))
            except (MemoryError, RuntimeError) as error:
                if not ran_out(error):
                    raise
            else:
                done += size
                continue
            self._halve(size, n_genes, device)  # here the error is gone, and the tensors that it kept

    def _pace_of(self, n_tokens: int) -> Pace:
        return self._pace.setdefault(n_tokens, Pace(max(TOKENS_PER_BATCH, n_tokens)))

    @contextmanager
    def _timed(self, size: int, n_tokens: int) -> Iterator[None]:
        if (pace := self._pace_of(n_tokens)).settled:
            yield
            return
        torch.cuda.synchronize()
        start = time.perf_counter()
        yield
        torch.cuda.synchronize()
        pace.took(size * n_tokens, time.perf_counter() - start)

    def _halve(self, size: int, n_genes: int, device: str) -> None:
        where = "graphics processor" if device in ("cuda", "mps") else "machine"
        if size == 1:
            message = f"the memory of the {where} does not hold one virtual cell of {n_genes:,} genes"
            raise RunError(message, needed="more memory", todo="choose fewer genes or a smaller model")
        self.size = size // 2
        if device == "cuda":
            torch.cuda.empty_cache()
        self.note(f"The memory of the {where} ran out with {size} virtual cells at once: went on with {self.size}.")
