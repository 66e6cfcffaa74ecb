"""Dual tensors, as `torch.autograd.forward_ad` has them, without what its own functions load.

Those load torch's compiler and its table of decompositions, about two seconds, for operations without a forward
derivative; every operation of our networks has one. One that has none is refused by torch.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.autograd import forward_ad


@contextmanager
def dual_level() -> Iterator[None]:
    """Level at which tensors may have tangents; torch's own functions know of it."""
    level = torch._C._enter_dual_level()
    forward_ad._current_level = level
    try:
        yield
    finally:
        torch._C._exit_dual_level(level=level)
        forward_ad._current_level = level - 1


def make_dual(value: Tensor, tangent: Tensor) -> Tensor:
    """Give a value its tangent."""
    found: Tensor = torch._VF._make_dual(value, tangent, level=forward_ad._current_level)
    return found


def unpack_dual(x: Tensor) -> tuple[Tensor, Tensor | None]:
    """Return a tensor's value and its tangent; None where it has none."""
    if forward_ad._current_level < 0:
        return x, None
    value, tangent = torch._VF._unpack_dual(x, level=forward_ad._current_level)
    return value, tangent


def is_dual(x: Tensor) -> bool:
    """Whether a tensor has a tangent."""
    return unpack_dual(x)[1] is not None


def times(x: Tensor, factor: Tensor) -> Tensor:
    """Product with a tensor that has no tangent: torch's own rule looks for one, and loads the compiler for it."""
    value, tangent = unpack_dual(x)
    return value * factor if tangent is None else make_dual(value * factor, tangent * factor)


def over(x: Tensor, divisor: Tensor) -> Tensor:
    """Quotient by a tensor that has no tangent."""
    value, tangent = unpack_dual(x)
    return value / divisor if tangent is None else make_dual(value / divisor, tangent / divisor)


def plus(x: Tensor, summand: Tensor) -> Tensor:
    """Sum with a tensor that has no tangent, of no more axes or longer ones than `x`."""
    value, tangent = unpack_dual(x)
    return value + summand if tangent is None else make_dual(value + summand, tangent)


def rows_of(x: Tensor, which: Tensor) -> Tensor:
    """Those rows of which the boolean `which` (N,) says so."""
    value, tangent = unpack_dual(x)
    return value[which] if tangent is None else make_dual(value[which], tangent[which])


def with_rows(x: Tensor, which: Tensor, rows: Tensor) -> Tensor:
    """The same with other rows where the boolean `which` (N,) says so."""
    (value, tangent), (own, moved) = unpack_dual(x), unpack_dual(rows)
    found = value.index_put((which,), own)
    return found if tangent is None or moved is None else make_dual(found, tangent.index_put((which,), moved))
