"""What generated tokens read: against attention spelled out, token by token, and its derivative by torch."""

from __future__ import annotations

import pytest
import torch

from grn_core.models.layers import dual
from grn_core.models.scgpt.generated import perceived_and_own

BATCH, HEADS, WIDTH, GENERATED = 3, 2, 4, 5
NEAR = {"rtol": 0.0, "atol": 1e-12}


def slow(joint, key, value, blocked):
    """Attention of each generated token to the perceived ones and to itself."""
    query, own_key, own_value = (part.unflatten(-1, (HEADS, WIDTH)).transpose(1, 2) for part in joint.chunk(3, dim=-1))
    scores = query @ key.mT
    if blocked is not None:
        scores = scores.masked_fill(blocked[:, None, None, :], -torch.inf)
    scores = torch.cat((scores, (query * own_key).sum(-1, keepdim=True)), dim=-1) / WIDTH**0.5
    weights = torch.softmax(scores, dim=-1)
    read = weights[..., :-1] @ value + weights[..., -1:] * own_value
    return read.transpose(1, 2).flatten(2)


def tensors(perceived, *, seed):
    draws = torch.Generator().manual_seed(seed)
    shapes = [(BATCH, GENERATED, 3 * HEADS * WIDTH), *[(BATCH, HEADS, perceived, WIDTH)] * 2]
    return [torch.randn(shape, dtype=torch.float64, generator=draws) for shape in shapes]


@pytest.mark.parametrize("with_mask", [False, True])
@pytest.mark.parametrize("perceived", [1, 2, 4])
@pytest.mark.parametrize(
    "moving", [(True, True, True), (False, True, True), (True, False, False), (False, False, True)]
)
def test_it_is_attention_and_its_derivative(perceived, with_mask, moving):
    given, change = tensors(perceived, seed=0), tensors(perceived, seed=1)
    change = [one if moves else torch.zeros_like(one) for one, moves in zip(change, moving, strict=True)]
    blocked = None
    if with_mask:
        blocked = torch.zeros(BATCH, perceived, dtype=torch.bool)
        blocked[1, -1] = True
    wanted = torch.func.jvp(lambda *x: slow(*x, blocked), tuple(given), tuple(change))
    torch.testing.assert_close(perceived_and_own(*given, blocked=blocked), wanted[0], **NEAR)
    with dual.dual_level():
        inputs = [dual.make_dual(x, dx) if moves else x for x, dx, moves in zip(given, change, moving, strict=True)]
        found = dual.unpack_dual(perceived_and_own(*inputs, blocked=blocked))
        for one, other in zip(found, wanted, strict=True):
            torch.testing.assert_close(one, other, **NEAR)


@pytest.mark.parametrize("moves", [False, True])
def test_so_it_is_under_autocast_whose_weights_are_wide_on_a_graphics_processor(moves, monkeypatch):
    given, change = tensors(4, seed=0), tensors(4, seed=1)
    wanted = torch.func.jvp(lambda *x: slow(*x, None), tuple(given), tuple(change))
    softmax = torch.softmax
    monkeypatch.setattr(torch, "softmax", lambda x, dim: softmax(x.float(), dim=dim))  # as autocast does it there
    given, change = ([one.bfloat16() for one in own] for own in (given, change))
    with dual.dual_level(), torch.autocast("cpu", dtype=torch.bfloat16):
        inputs = [dual.make_dual(*both) for both in zip(given, change, strict=True)] if moves else given
        found = dual.unpack_dual(perceived_and_own(*inputs, blocked=None))
    for one, other in zip(found[: 1 + moves], wanted, strict=False):
        torch.testing.assert_close(one.double(), other, rtol=0.0, atol=0.1)
