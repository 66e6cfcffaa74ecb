"""A trained translator: its networks and its card, how it is kept, and which features it reads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from grn_core.errors import TranslatorError
from grn_core.extractors.features import PairFeatures
from grn_core.translator.card import NAME, learnt, read_card
from grn_core.translator.terms import Network, network_of
from grn_core.translator.train import ensemble_logits
from grn_core.translator.whole import check_whole, write_sums

NEEDED = ("name", "model", "model_sha", "readout", "grid", "seeds", "hidden")
"""What a card must say."""


class Translator:
    """Trained networks with their card.

    Parameters
    ----------
    networks
        Extractor -> network of all seeds.
    card
        What was trained on what; ``card["seeds"]`` names the seeds in order, ``card["extractors"]`` the length of a
        pair's feature of each extractor, ``card["temperature"]`` the temperature of every combination of them
        (``"gdt"``, ``"vvp"``, ``"gdt+vvp"``), ``card["weights"]`` how much of each term is added.
    """

    def __init__(self, networks: Mapping[str, Network], card: dict[str, Any]) -> None:
        self.networks, self.card = dict(networks), card

    @classmethod
    def load(cls, folder: Path) -> Translator:
        """Read ``translator.safetensors`` and ``card.json``; `TranslatorError` names what does not fit."""
        check_whole(folder)
        try:
            card = read_card(folder)
            lengths = learnt(card)
            tensors = load_file(folder / "translator.safetensors")
        except (OSError, ValueError, SafetensorError) as error:
            message = f"the translator in {folder} cannot be read ({error})"
            raise TranslatorError(message, needed="card.json and translator.safetensors") from error
        lacking = [key for key in NEEDED if key not in card]
        if not lengths:
            lacking.append("extractors")
        if lacking:
            message = f"the card in {folder} lacks {', '.join(lacking)}"
            raise TranslatorError(
                message, needed="the card of a translator", todo="restore the folder from the release"
            )
        networks = {}
        for extractor, length in lengths.items():
            own = {
                name.removeprefix(f"{extractor}."): tensors.pop(name)
                for name in list(tensors)
                if name.startswith(f"{extractor}.")
            }
            try:
                network = network_of(extractor, own, n_seeds=len(card["seeds"]), length=length, hidden=card["hidden"])
            except RuntimeError as error:
                message = (
                    f"the tensors of {extractor!r} in {folder} do not fit the card: {' '.join(str(error).split())}"
                )
                raise TranslatorError(message, todo="restore the folder from the release") from error
            networks[extractor] = network.eval().requires_grad_(requires_grad=False)
        if tensors:
            message = f"surplus tensors in {folder}: {', '.join(sorted(tensors))}"
            raise TranslatorError(message, needed="exactly the tensors of the card")
        return cls(networks, card)

    def save(self, folder: Path) -> None:
        """Write ``translator.safetensors``, ``card.json`` and the sums of both."""
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {
            f"{extractor}.{name}": value.contiguous()
            for extractor, network in self.networks.items()
            for name, value in network.state_dict().items()
        }
        save_file(tensors, folder / "translator.safetensors")
        text = json.dumps(self.card, indent=2, ensure_ascii=False) + "\n"
        (folder / NAME).write_text(text, encoding="utf-8")
        write_sums(folder)

    def check(self, features: PairFeatures, extractors: Sequence[str]) -> None:
        """Raise `TranslatorError` unless features are what this translator was trained on.

        Weights count, and not what the model is called; features of a model that was adapted to some cells count as
        those of its base.
        """
        spec = features.spec
        known_by = (spec.adapted_from or spec.model_sha)[:12]
        wrong = [
            f"{what}: {here} instead of {wanted}"
            for what, here, wanted in (
                ("weights (tensors sha256)", known_by, self.card["model_sha"][:12]),
                ("readout", spec.readout, self.card["readout"]),
                ("levels", list(spec.levels), self.card["grid"]),
                ("members", spec.members, self.card.get("members", 1)),
            )
            if here != wanted
        ]
        missing = [name for name in extractors if name not in self.networks]
        wrong += [
            f"length of {name}: {features.lengths.get(name, 0)} instead of {self.networks[name].n_features}"
            for name in extractors
            if name in self.networks and features.lengths.get(name, 0) != self.networks[name].n_features
        ]
        if wrong or missing:
            reasons = "; ".join([*wrong, *(f"no {name} in the translator" for name in missing)])
            message = f"the features are not those that translator {self.card['name']} reads ({reasons})"
            raise TranslatorError(
                message,
                needed="features of the model, readout and levels it was trained with",
                todo="choose another translator, or train one for these features",
            )

    def logits(self, features: Mapping[str, Tensor], seeds: Sequence[int] | None = None) -> Tensor:
        """Ensemble logits (seeds, N) of features (N, length) by extractor, see `ensemble_logits`; one row a seed."""
        chosen = self.rows_of(seeds)
        networks = {name: self.networks[name] for name in features}
        return ensemble_logits(networks, features, self.card.get("weights"))[chosen]

    def rows_of(self, seeds: Sequence[int] | None) -> list[int]:
        """Which rows of the logits are those of some seeds; `TranslatorError` where it has no such seed."""
        have = list(self.card["seeds"])
        wanted = have if seeds is None else list(seeds)
        missing = sorted(set(wanted) - set(have))
        if missing or not wanted:
            message = f"translator {self.card['name']} has no seed {', '.join(map(str, missing)) or '(none asked for)'}"
            raise TranslatorError(message, needed=f"one or more of {', '.join(map(str, have))}")
        return [have.index(seed) for seed in wanted]
