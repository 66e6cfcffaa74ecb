"""Cells of the compact model that differ from one by a single gene, all genes shown: what is alike is computed once.

In the first layer only the token of that gene differs. Every other gene attends to the same tokens as in the cell
itself, but for that one, so that its sums are those of the cell with one summand exchanged; of the last layer only the
token of the condition is read. Both are the network's own result, but for rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from grn_core.models.around import Around
from grn_core.models.compact.network import posterior_factors
from grn_core.models.interface import untouched
from grn_core.models.layers.dual import dual_level, make_dual, unpack_dual
from grn_core.models.layers.tangent import layer_norm, linear
from grn_core.models.memory import ran_out

if TYPE_CHECKING:
    from grn_core.models.compact.model import CompactModel

BLOCK_BYTES = 16 << 20
"""Scores of the first layer that are worked on at once, so that memory grows as the genes and not as their square."""
LEAST = 1e-6
"""Share of a token's attention that has to be left without the gene that moves: of less, too few digits would be."""


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
            self.tokens = network.tokens(self.vectors[None], base[None], None)
            first, *_ = network.blocks
            query, key, value = (part[0].transpose(0, 1).contiguous() for part in first.project(self.tokens))
            self.query, self.key, self.value = query / query.shape[-1] ** 0.5, key, value
            self.most, self.weights, self.sums = sums_of_values(self.query, key, value)
            self.rows, self.noise, self.factors = posterior_factors(self.vectors, gain)
            self.told = (base / self.noise) @ self.rows

    def ask(self, sources: Tensor, levels: Tensor, *, with_tangent: bool) -> tuple[Tensor, Tensor | None] | None:
        """Answer as `Around` does; None where a gene has so nearly all attention that little is left to say."""
        without = self._without(sources)
        if without is None:
            return None
        with torch.no_grad(), untouched(self.model.network), dual_level():
            if with_tangent:
                levels = make_dual(levels, torch.ones_like(levels))
            state, moved = unpack_dual(self._state(sources, levels, without))
            return state @ self.vectors.mT, None if moved is None else moved @ self.vectors.mT

    def _state(self, sources: Tensor, levels: Tensor, without: _Rest) -> Tensor:
        """States (N, d) of the cells."""
        network, cells = self.model.network, torch.arange(len(sources), device=sources.device)
        first, *later, last = network.blocks
        own = network.tokens(self.vectors[sources][:, None], levels[:, None], None)[:, 1:]
        read, moved = self._read(without, *(part[:, :, 0] for part in first.project(own)))
        value, tangent = unpack_dual(own[:, 0])
        x = self.tokens + linear(read, first.out)
        x[cells, 1 + sources] += value - self.tokens[0, 1 + sources]
        if moved is not None and tangent is not None:
            dx = torch.nn.functional.linear(moved, first.out.weight)
            dx[cells, 1 + sources] += tangent
            x = make_dual(x, dx)
        x = first.further(x)
        for block in later:
            x = block(x, None)
        correction = linear(layer_norm(last.first(x, None), network.norm), network.state_out)
        return self._posterior(sources, levels) + correction

    def _read(self, rest: _Rest, query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor | None]:
        """What all tokens read in the first layer (N, T, d), and its derivative.

        `query`, `key`, `value` are those of the token that moves, (N, heads, width of a head).
        """
        (query, dquery), (key, dkey), (value, dvalue) = map(unpack_dual, (query, key, value))
        scores = torch.einsum("thd,nhd->nth", self.query, key).double()
        most = torch.maximum(self.most, scores)
        old, new = rest.weights[rest.of] * torch.exp(self.most - most), torch.exp(scores - most)
        share = (new / (old + new)).to(value.dtype)[..., None]
        read = torch.lerp(rest.means[rest.of], value[:, None], share)
        cells, scale = torch.arange(len(query), device=query.device), query.shape[-1] ** 0.5
        mine = _Own(self, rest.places, query=query / scale, key=key, value=value)
        read[cells, rest.places] = mine.read
        if dquery is None or dkey is None or dvalue is None:
            return read.flatten(2), None
        dscores = torch.einsum("thd,nhd->nth", self.query, dkey)[..., None]
        moved = share * (dscores * (value[:, None] - read) + dvalue[:, None])
        moved[cells, rest.places] = mine.moved(dquery / scale, dkey, dvalue)
        return read.flatten(2), moved.flatten(2)

    def _without(self, sources: Tensor) -> _Rest | None:
        """What tokens read but for one each; None where one has so nearly all attention that little is left to say."""
        places = 1 + sources
        once, of = torch.unique(places, return_inverse=True)
        key, value = self.key[once].double(), self.value[once].double()
        own = torch.exp(torch.einsum("thd,uhd->uth", self.query.double(), key) - self.most)
        weights = self.weights - own
        if bool((weights < LEAST * self.weights).any()):
            return None
        means = (self.sums - own[..., None] * value[:, None]) / weights[..., None]
        return _Rest(places, of, weights, means.to(self.query.dtype))

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


@dataclass(frozen=True)
class _Rest:
    """The first layer's attention without one token, for U tokens and N cells.

    Attributes
    ----------
    places, of
        (N,) which token is left out for each cell, and which of the U that is.
    weights, means
        (U, T, heads) sums of the weights, and (U, T, heads, width) means of the values by them; in double precision
        until they are divided.
    """

    places: Tensor
    of: Tensor
    weights: Tensor
    means: Tensor


class _Own:
    """What the token that moves reads itself: (N, heads, width)."""

    def __init__(self, cell: Shared, place: Tensor, *, query: Tensor, key: Tensor, value: Tensor) -> None:
        self.cell, self.place, self.query, self.key = cell, place, query, key
        self.change = value - cell.value[place]
        self.weights = torch.softmax(self._at(torch.einsum("nhd,thd->nht", query, cell.key), (query * key).sum(-1)), -1)
        self.read = self._sum(self.weights)

    def moved(self, dquery: Tensor, dkey: Tensor, dvalue: Tensor) -> Tensor:
        """Return the derivative; of the rule see `grn_core.models.layers.tangent`."""
        own = (dquery * self.key).sum(-1) + (self.query * dkey).sum(-1)
        moved = self.weights * self._at(torch.einsum("nhd,thd->nht", dquery, self.cell.key), own)
        mine = self._of(self.weights)[..., None] * dvalue
        return self._sum(moved) + mine - moved.sum(-1, keepdim=True) * self.read

    def _sum(self, weights: Tensor) -> Tensor:
        return torch.einsum("nht,thd->nhd", weights, self.cell.value) + self._of(weights)[..., None] * self.change

    def _of(self, weights: Tensor) -> Tensor:
        return weights.gather(-1, self._index(weights)).squeeze(-1)

    def _at(self, scores: Tensor, own: Tensor) -> Tensor:
        return scores.scatter(-1, self._index(scores), own[..., None])

    def _index(self, like: Tensor) -> Tensor:
        return self.place[:, None, None].expand(-1, like.shape[1], 1)


def sums_of_values(query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Greatest score of each token (T, heads), the sum of its weights before their division, and of values by them.

    In double precision, of so many tokens at once that their scores take `BLOCK_BYTES`.
    """
    tokens, heads, width = value.shape
    at_once = max(1, BLOCK_BYTES // (8 * tokens))
    most, weights = (query.new_empty((tokens, heads), dtype=torch.float64) for _ in range(2))
    sums = query.new_empty((tokens, heads, width), dtype=torch.float64)
    for head in range(heads):
        keys, values = key[:, head].double().mT, value[:, head].double()
        for part in (slice(start, start + at_once) for start in range(0, tokens, at_once)):
            scores = query[part, head].double() @ keys
            most[part, head] = scores.amax(1)
            scores.sub_(most[part, head, None]).exp_()
            weights[part, head] = scores.sum(1)
            sums[part, head] = scores @ values
    return most, weights, sums
