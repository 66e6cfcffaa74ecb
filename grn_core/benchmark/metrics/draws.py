"""How many draws of whole TFs an interval is made of, for those who must not load numpy."""

from __future__ import annotations

from grn_core.errors import RequestError

N_DRAWS, FEWEST_DRAWS, MOST_DRAWS = 500, 2, 10_000


def check_draws(n_draws: int, *, seed: int, none: bool = False) -> None:
    """Refuse draws of which no interval can be made.

    Parameters
    ----------
    n_draws, seed
        What is asked for.
    none
        Whether no draws, and so no intervals, may be asked for.

    Raises
    ------
    RequestError
        There are too few or too many, or the seed is below 0.
    """
    if not (FEWEST_DRAWS <= n_draws <= MOST_DRAWS or (none and n_draws == 0)) or seed < 0:
        message = f"{n_draws} draws and the seed {seed} were asked for"
        needed = f"{'0, or ' if none else ''}{FEWEST_DRAWS} to {MOST_DRAWS:,} draws, a seed from 0"
        raise RequestError(message, needed=needed, todo="correct it")
