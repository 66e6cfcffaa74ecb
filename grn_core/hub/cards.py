"""What the cards of models and translators have in common: the front matter that model hubs read, and tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

LIBRARY = "grn-studio"


def with_front_matter(text: str, *, name: str, licence: str, tags: Sequence[str], base: str = "") -> str:
    """Put a hub's metadata in front of a card.

    Parameters
    ----------
    text
        The card as Markdown.
    name
        Name of the model or translator.
    licence
        As its record has it; a licence that is no short identifier goes under "other", with its name.
    tags
        Words to be found by.
    base
        Name of the model that it was made from.

    Returns
    -------
    str
        ``README.md`` of its folder.
    """
    from huggingface_hub import ModelCard, ModelCardData

    short = " " not in licence.strip()
    data = ModelCardData(
        model_name=name,
        library_name=LIBRARY,
        license=licence.strip().lower() if short else "other",
        license_name=None if short else licence,
        tags=[LIBRARY, *tags],
        base_model=base or None,
    )
    return str(ModelCard(f"---\n{data.to_yaml()}\n---\n{text}"))


def table(heading: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """Write a Markdown table; values as `str` writes them."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
