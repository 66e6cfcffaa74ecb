"""Pair features and translators small enough to work out by hand or by a slow loop."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from grn_core.extractors.features import FeatureSpec, FeatureWriter, PairFeatures
from grn_core.translator.card import combinations_of, combined
from grn_core.translator.mlp import TranslatorMLP
from grn_core.translator.translator import Translator


def make_spec(genes, sources, levels=(0.0, 1.0), **changes) -> FeatureSpec:
    given = {
        "model": "tiny",
        "model_sha": "a" * 64,
        "genes": tuple(genes),
        "sources": tuple(sources),
        "levels": tuple(levels),
        "readout": "masked",
        "background": "virtual",
        "context": "",
        "chunk": max(1, len(sources)),
    }
    return FeatureSpec(**{**given, **changes})


def shape_of(spec) -> tuple[int, int, int]:
    """Shape of the array of an extractor that has a number for every level."""
    return len(spec.sources), len(spec.genes), len(spec.levels)


def nothing_on_disk(spec, **lengths: int) -> PairFeatures:
    """What features of `spec` are, without an array."""
    return PairFeatures(spec, Path(), lengths)


def make_features(folder, spec, arrays) -> PairFeatures:
    arrays = {name: np.asarray(array, dtype=np.float32) for name, array in arrays.items()}
    writer = FeatureWriter(spec, {name: array.shape[-1] for name, array in arrays.items()}, folder)
    writer.write(0, arrays)
    return writer.features


def make_card(spec, *, extractors=("gdt", "vvp"), seeds=(0, 1), hidden=(), temperature=1.0) -> dict:
    names = [combined(some) for some in combinations_of(extractors)]
    return {
        "name": "toy",
        "title": "Toy",
        "description": "",
        "model": spec.model,
        "model_sha": spec.model_sha,
        "readout": spec.readout,
        "grid": list(spec.levels),
        "extractors": dict.fromkeys(extractors, len(spec.levels)),
        "seeds": list(seeds),
        "hidden": list(hidden),
        "temperature": dict.fromkeys(names, temperature),
        "prior": 0.5,  # as many as in the calibration: nothing to correct
    }


def linear_network(weights, biases=None) -> TranslatorMLP:
    """No hidden layer: ``weights`` (seeds, features), ``biases`` (seeds,)."""
    weights = torch.tensor(weights, dtype=torch.float32)
    network = TranslatorMLP(*weights.shape, hidden=())
    with torch.no_grad():
        network.weights[0].copy_(weights[..., None])
        if biases is not None:
            network.biases[0].copy_(torch.tensor(biases)[:, None, None])
    return network.eval().requires_grad_(requires_grad=False)


def random_network(n_seeds, n_features, hidden, *, seed) -> TranslatorMLP:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = TranslatorMLP(n_seeds, n_features, hidden)
        with torch.no_grad():
            for bias in network.biases:
                bias.normal_()
            network.mean.normal_()
            network.sd.uniform_(0.5, 2.0)
    return network.eval().requires_grad_(requires_grad=False)


def random_translator(
    spec, *, extractors=("gdt", "vvp"), seeds=(0, 1, 2), hidden=(6, 5), temperature=1.7
) -> Translator:
    networks = {
        name: random_network(len(seeds), len(spec.levels), hidden, seed=number)
        for number, name in enumerate(extractors)
    }
    return Translator(
        networks, make_card(spec, extractors=extractors, seeds=seeds, hidden=hidden, temperature=temperature)
    )


def slow_logit(network, seed, feature) -> float:
    """One MLP of the ensemble on one pair, through `torch.nn.Linear`."""
    x = torch.tensor((feature - network.mean.numpy()) / network.sd.numpy(), dtype=torch.float32)
    x = x.clamp(-network.CLIP, network.CLIP)
    for number, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        layer = torch.nn.Linear(*weight.shape[1:])
        with torch.no_grad():
            layer.weight.copy_(weight[seed].T)
            layer.bias.copy_(bias[seed, 0])
        x = layer(x)
        if number + 1 < len(network.weights):
            x = torch.nn.functional.gelu(x)
    return float(x.detach())
