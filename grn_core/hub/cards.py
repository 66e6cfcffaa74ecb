"""What the cards of models and translators have in common: the front matter that model hubs read, and tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

LIBRARY = "grn-studio"


def with_front_matter(text: str, *, name: str, tags: Sequence[str], licence: str = "", base: str = "") -> str:
    """Put a hub's metadata in front of a card.

    Parameters
    ----------
    text
        The card as Markdown.
    name
        Name of the model or translator.
    tags
        Words to be found by.
    licence
        As its record has it; a licence that is no short identifier goes under "other", with its name. Empty where its
        maker has stated none.
    base
        Name of the model that it was made from.

    Returns
    -------
    str
        ``README.md`` of its folder.
    """
    from huggingface_hub import ModelCard, ModelCardData

    named = " " in licence.strip()
    data = ModelCardData(
        model_name=name,
        library_name=LIBRARY,
        license="other" if named else licence.strip().lower() or None,
        license_name=licence if named else None,
        tags=[LIBRARY, *tags],
        base_model=base or None,
    )
    return str(ModelCard(f"---\n{data.to_yaml()}\n---\n{text}"))


def table(heading: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """Write a Markdown table; values as `str` writes them."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
