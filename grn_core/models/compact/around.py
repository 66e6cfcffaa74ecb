"""Cells of the compact model that differ from one by a single gene, all genes shown: what is alike is computed once.

In the first layer only the token of that gene differs (`grn_core.models.compact.first_layer`); of the last layer only
the token of the condition is read. Both are the network's own result, but for rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from grn_core.models.around import Around
from grn_core.models.compact.first_layer import FirstLayer
from grn_core.models.compact.network import posterior_factors
from grn_core.models.interface import untouched
from grn_core.models.layers.dual import dual_level, make_dual, unpack_dual
from grn_core.models.layers.tangent import layer_norm, linear
from grn_core.models.memory import ran_out

if TYPE_CHECKING:
    from grn_core.models.compact.model import CompactModel


class AroundShown(Around):
    """Ask a compact model in which all genes are shown; parameters as of `Around`."""

    model: CompactModel

    def __call__(self, sources: Tensor, levels: Tensor, *, with_tangent: bool) -> tuple[Tensor, Tensor | None]:
        """Share the first layer's attention, and ask the rest in one pass; without the memory for it as `Around`."""
        if torch.is_autocast_enabled(self.base.device.type):  # what is exchanged would be rounded
            return super().__call__(sources, levels, with_tangent=with_tangent)
        self.model.check_values(self.base)
        self.model.check_values(levels)
        try:
            found = None if self._shared is None else self._shared.ask(sources, levels, with_tangent=with_tangent)
        except (MemoryError, RuntimeError) as error:
            if len(sources) > 1 or not ran_out(error):
                raise  # fewer cells at once may do
            found = None
        return super().__call__(sources, levels, with_tangent=with_tangent) if found is None else found

    @cached_property
    def _shared(self) -> Shared | None:
        """What is computed once; None where there is no memory for it."""
        try:
            return Shared(self.model, self.genes, self.base)
        except (MemoryError, RuntimeError) as error:
            if not ran_out(error):
                raise
            return None


class Shared:
    """What all cells around one have in common, and what is asked with it."""

    def __init__(self, model: CompactModel, genes: Sequence[str], base: Tensor) -> None:
        self.model, self.base = model, base
        with torch.no_grad(), untouched(model.network) as network:
            ids = model.ids(genes)
            self.vectors, gain = network.vectors(ids, None), network.gain(ids, None)
            self.first = FirstLayer(next(iter(network.blocks)), network.tokens(self.vectors[None], base[None], None)[0])
            self.rows, self.noise, self.factors = posterior_factors(self.vectors, gain)
            self.told = (base / self.noise) @ self.rows

    def ask(self, sources: Tensor, levels: Tensor, *, with_tangent: bool) -> tuple[Tensor, Tensor | None] | None:
        """Answer as `Around` does; None where a gene has so nearly all attention that little is left to say."""
        with torch.no_grad(), untouched(self.model.network), dual_level():
            if with_tangent:
                levels = make_dual(levels, torch.ones_like(levels))
            state = self._state(sources, levels)
            if state is None:
                return None
            value, tangent = unpack_dual(state)
            return value @ self.vectors.mT, None if tangent is None else tangent @ self.vectors.mT

    def _state(self, sources: Tensor, levels: Tensor) -> Tensor | None:
        """States (N, d) of the cells."""
        network = self.model.network
        _, *later, last = network.blocks
        own = network.tokens(self.vectors[sources][:, None], levels[:, None], None)[:, 1]
        x = self.first(1 + sources, own)
        if x is None:
            return None
        for block in later:
            x = block(x, None)
        correction = linear(layer_norm(last.first(x, None), network.norm), network.state_out)
        return self._posterior(sources, levels) + correction

    def _posterior(self, sources: Tensor, levels: Tensor) -> Tensor:
        """Mean state given the values (N, d), see `posterior_mean`: linear in them, so that one row is added."""
        noise = self.noise[sources]
        value, tangent = unpack_dual(levels)
        told = self.told + self.rows[sources] * ((value - self.base[sources]) / noise)[:, None]
        found = torch.linalg.lu_solve(*self.factors, told.mT).mT
        if tangent is None:
            return found
        moved = self.rows[sources] * (tangent / noise)[:, None]
        return make_dual(found, torch.linalg.lu_solve(*self.factors, moved.mT).mT)
