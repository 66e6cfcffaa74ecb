"""Cells of the compact model that differ from one by a single gene, all genes shown: what is alike is computed once.

In the first layer only the token of that gene differs (`grn_core.models.compact.first_layer`); of the last layer only
the token of the condition is read. Both are the network's own result, but for rounding. Of many genes, in a network of
two layers, what the others pass on is taken to first order (`grn_core.models.compact.first_order`).

Tolerance: a root mean square difference to each cell by itself of 0.005 standard deviations of the feature. Measured in
cell types of the demo, 278 to 752 genes: 0.0006 to 0.003 of VVP and 0.0006 to 0.0043 of GDT.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from grn_core.models.around import Around
from grn_core.models.compact.first_layer import FirstLayer
from grn_core.models.compact.first_order import FirstOrder
from grn_core.models.compact.network import posterior_factors
from grn_core.models.interface import untouched
from grn_core.models.layers.dual import dual_level, make_dual, rows_of, unpack_dual, with_rows
from grn_core.models.layers.tangent import layer_norm, linear
from grn_core.models.memory import ran_out

if TYPE_CHECKING:
    from grn_core.models.compact.model import CompactModel

MANY = 256
"""Genes from which on a token is so little of what another reads that it moves that one little."""
FEWER = 8
"""What a cell of these takes is so much less than what all its tokens would."""


class AroundShown(Around):
    """Ask a compact model in which all genes are shown; parameters as of `Around`."""

    model: CompactModel

    @property
    def to_first_order(self) -> bool:
        """Whether what the other genes pass on is taken to first order."""
        return len(self.genes) >= MANY and self.model.network.shape.layers == 2

    @property
    def tokens(self) -> int:
        """How much a cell of these counts in a pass."""
        return super().tokens // (FEWER if self.to_first_order else 1)

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
            return Shared(self.model, self.genes, self.base, to_first_order=self.to_first_order)
        except (MemoryError, RuntimeError) as error:
            if not ran_out(error):
                raise
            return None


class Shared:
    """What all cells around one have in common, and what is asked with it."""

    def __init__(self, model: CompactModel, genes: Sequence[str], base: Tensor, *, to_first_order: bool) -> None:
        self.model, self.base = model, base
        with torch.no_grad(), untouched(model.network) as network:
            ids = model.ids(genes)
            self.vectors, gain = network.vectors(ids, None), network.gain(ids, None)
            layer, *_, last = network.blocks
            self.first = FirstLayer(layer, network.tokens(self.vectors[None], base[None], None)[0])
            self.first_order = FirstOrder(last, self.first) if to_first_order else None
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
        own = network.tokens(self.vectors[sources][:, None], levels[:, None], None)[:, 1]
        found = self._condition(1 + sources, own)
        if found is None:
            return None
        return self._posterior(sources, levels) + linear(layer_norm(found, network.norm), network.state_out)

    def _condition(self, places: Tensor, own: Tensor) -> Tensor | None:
        """Tokens (N, d) of the condition behind the last layer, but for their mean over the width."""
        found = None if self.first_order is None else self.first_order(places, own)
        if found is None:
            return self._whole(places, own)
        near, far = found
        if not bool(far.any()):
            return near
        exact = self._whole(places[far], rows_of(own, far))
        return None if exact is None else with_rows(near, far, exact)

    def _whole(self, places: Tensor, own: Tensor) -> Tensor | None:
        """As `_condition`, every token computed."""
        x = self.first(places, own)
        if x is None:
            return None
        _, *later, last = self.model.network.blocks
        for block in later:
            x = block(x, None)
        return last.first(x, None)

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
