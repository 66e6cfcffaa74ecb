"""Dual tensors against torch's own derivatives."""

from __future__ import annotations

import pytest
import torch
from torch.autograd import forward_ad

from grn_core.models.layers import dual
from grn_core.models.layers.tangent import value_and_tangent

NEAR = {"rtol": 0.0, "atol": 1e-12}


def some(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("shape", [(3, 4, 5), (5,), (4, 1)])
@pytest.mark.parametrize(("ours", "torchs"), [("times", torch.mul), ("over", torch.div), ("plus", torch.add)])
def test_what_a_constant_does_is_what_torch_says(ours, torchs, shape):
    x, dx, other = some(3, 4, 5), some(3, 4, 5, seed=1), some(*shape, seed=2) + 3
    wanted = torch.func.jvp(lambda value: torchs(value, other), (x,), (dx,))
    with dual.dual_level():
        found = dual.unpack_dual(getattr(dual, ours)(dual.make_dual(x, dx), other))
        assert dual.is_dual(dual.make_dual(x, dx))
        assert not dual.is_dual(x)
        for one, another in zip(found, wanted, strict=True):
            torch.testing.assert_close(one, another, **NEAR)
    torch.testing.assert_close(getattr(dual, ours)(x, other), torchs(x, other), **NEAR)


def test_a_level_is_left_also_after_an_error_and_is_one_of_torch():
    def fail():
        with dual.dual_level():
            found = forward_ad.unpack_dual(dual.make_dual(some(2), some(2, seed=1)))
            torch.testing.assert_close(found.tangent, some(2, seed=1), **NEAR)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert forward_ad._current_level == -1
    assert dual.unpack_dual(some(2))[1] is None


def test_an_operation_without_a_derivative_is_refused_and_the_level_left():
    x, dx = some(2, 3), some(2, 3, seed=1)
    with pytest.raises(NotImplementedError, match="forward AD"):
        value_and_tangent(lambda value: torch.cdist(value, value + 1), x, dx)
    assert forward_ad._current_level == -1
