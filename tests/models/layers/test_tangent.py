"""The forward derivative: against torch.func.jvp, the reverse mode, and plain algebra."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn
from torch.autograd import forward_ad

from grn_core.models.compact import network as compact_network
from grn_core.models.layers import tangent
from tests.models.tiny import tiny_model
from tests.reverse_mode import slopes_by_reverse_mode

EXACT = {"rtol": 0.0, "atol": 1e-9}


def naive_attention(q, k, v, blocked=None):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    if blocked is not None:
        scores = scores.masked_fill(blocked[:, None, None, :], -math.inf)
    return torch.softmax(scores, dim=-1) @ v


def tensors(*, seed=0, batch=3, heads=2, length=7, keys=5, width=4):
    torch.manual_seed(seed)
    shapes = [(batch, heads, n, width) for n in (length, keys, keys)]
    return [torch.randn(shape, dtype=torch.float64) for shape in (*shapes, *shapes)]


@pytest.fixture
def blocked():
    mask = torch.zeros(3, 5, dtype=torch.bool)
    mask[0, 3:] = True
    mask[2, 1] = True
    return mask


@pytest.mark.parametrize("with_mask", [False, True])
def test_attention_of_plain_tensors_is_attention(blocked, with_mask):
    q, k, v, *_ = tensors()
    mask = blocked if with_mask else None
    torch.testing.assert_close(tangent.attention(q, k, v, mask), naive_attention(q, k, v, mask), **EXACT)


@pytest.mark.parametrize("with_mask", [False, True])
@pytest.mark.parametrize("length", [tangent.FEW - 1, tangent.FEW + 3])
@pytest.mark.parametrize("block_bytes", [1, 100, 1 << 20])
def test_attention_tangent_equals_jvp_for_any_block_size(monkeypatch, blocked, with_mask, block_bytes, length):
    monkeypatch.setattr(tangent, "_BLOCK_BYTES", {"cpu": block_bytes})
    q, k, v, dq, dk, dv = tensors(length=length)
    mask = blocked if with_mask else None
    wanted = torch.func.jvp(lambda a, b, c: naive_attention(a, b, c, mask), (q, k, v), (dq, dk, dv))
    with forward_ad.dual_level():
        found = tangent.attention(*(forward_ad.make_dual(x, dx) for x, dx in ((q, dq), (k, dk), (v, dv))), blocked=mask)
        value, derivative = forward_ad.unpack_dual(found)
    torch.testing.assert_close(value, wanted[0], **EXACT)
    torch.testing.assert_close(derivative, wanted[1], **EXACT)


def test_attention_takes_inputs_of_which_only_some_move():
    q, k, v, _, dk, _ = tensors()
    zero_q, zero_v = torch.zeros_like(q), torch.zeros_like(v)
    _, wanted = torch.func.jvp(naive_attention, (q, k, v), (zero_q, dk, zero_v))
    with forward_ad.dual_level():
        found = forward_ad.unpack_dual(tangent.attention(q, forward_ad.make_dual(k, dk), v)).tangent
    torch.testing.assert_close(found, wanted, **EXACT)


def test_attention_by_hand():
    """Two keys with scores 0 and log 3: weights 1/4 and 3/4; values 0 and 4."""
    q = torch.tensor([1.0], dtype=torch.float64).view(1, 1, 1, 1)
    k = torch.tensor([0.0, math.log(3.0)], dtype=torch.float64).view(1, 1, 2, 1)
    v = torch.tensor([0.0, 4.0], dtype=torch.float64).view(1, 1, 2, 1)
    with forward_ad.dual_level():
        out = tangent.attention(forward_ad.make_dual(q, torch.ones_like(q)), k, v)
        value, derivative = forward_ad.unpack_dual(out)
    assert value.item() == pytest.approx(3.0)
    # dO/dq = sum_k A_k k_k v_k - O * sum_k A_k k_k = 3/4 * log3 * 4 - 3 * 3/4 * log3
    assert derivative.item() == pytest.approx(0.75 * math.log(3.0))


@pytest.mark.parametrize("shape", [(5, 6), (2, 3, 6)])
def test_layer_norm_tangent_equals_jvp(shape):
    torch.manual_seed(0)
    norm = nn.LayerNorm(6, dtype=torch.float64).requires_grad_(requires_grad=False)
    norm.weight.copy_(torch.randn(6))
    norm.bias.copy_(torch.randn(6))
    x, dx = torch.randn(shape, dtype=torch.float64), torch.randn(shape, dtype=torch.float64)
    wanted = torch.func.jvp(norm, (x,), (dx,))
    with forward_ad.dual_level():
        found = forward_ad.unpack_dual(tangent.layer_norm(forward_ad.make_dual(x, dx), norm))
        for one, other in zip(found, wanted, strict=True):
            torch.testing.assert_close(one, other, **EXACT)


def cells(model, n=4, seed=1):
    torch.manual_seed(seed)
    values = torch.rand(n, len(model.vocabulary), dtype=torch.float64) * 4 - 2
    shown = torch.rand(values.shape) < 0.4
    return values, torch.randn_like(values), shown


@pytest.mark.parametrize("readout", ["masked", "plain"])
def test_joint_pass_equals_torch_func_jvp(monkeypatch, readout):
    model = tiny_model()
    values, direction, shown = cells(model)
    mask = shown if readout == "masked" else None
    value, derivative = model.value_and_tangent(model.vocabulary, values, direction, readout=readout, shown=mask)
    monkeypatch.setattr(compact_network, "attention", naive_attention)
    monkeypatch.setattr(compact_network, "layer_norm", lambda x, norm: norm(x))
    ids = model.ids(model.vocabulary).expand(len(values), -1)
    exact = mask is not None
    wanted = torch.func.jvp(
        lambda v: model.network(ids, v, visible=mask, exact=exact)["signal"], (values,), (direction,)
    )
    torch.testing.assert_close(value, wanted[0], **EXACT)
    torch.testing.assert_close(derivative, wanted[1], **EXACT)


@pytest.mark.parametrize("readout", ["masked", "plain"])
def test_joint_pass_equals_reverse_mode_per_target(readout):
    model = tiny_model()
    values, _, shown = cells(model, n=1)
    shown[:, 3] = True
    mask = shown if readout == "masked" else None
    one_hot = torch.nn.functional.one_hot(torch.tensor([3]), len(model.vocabulary)).double()
    _, found = model.value_and_tangent(model.vocabulary, values, one_hot, readout=readout, shown=mask)
    wanted = slopes_by_reverse_mode(model, model.vocabulary, values, 3, readout=readout, shown=mask)
    torch.testing.assert_close(found[0], wanted, **EXACT)


def test_value_of_the_joint_pass_is_predict():
    model = tiny_model()
    values, direction, _ = cells(model)
    value, _ = model.value_and_tangent(model.vocabulary, values, direction, readout="plain")
    torch.testing.assert_close(value, model.predict(model.vocabulary, values, readout="plain"), **EXACT)


def test_tangent_is_linear_in_the_direction():
    model = tiny_model()
    values, direction, _ = cells(model)
    _, once = model.value_and_tangent(model.vocabulary, values, direction, readout="plain")
    _, twice = model.value_and_tangent(model.vocabulary, values, -2.0 * direction, readout="plain")
    torch.testing.assert_close(twice, -2.0 * once, rtol=0, atol=1e-12)


def test_a_hidden_gene_has_no_influence():
    model = tiny_model()
    values, _, shown = cells(model)
    shown[:, 5] = False
    direction = torch.nn.functional.one_hot(torch.full((len(values),), 5), len(model.vocabulary)).double()
    _, derivative = model.value_and_tangent(model.vocabulary, values, direction, readout="masked", shown=shown)
    assert derivative.abs().max().item() == 0.0
