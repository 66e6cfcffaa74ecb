"""How many draws an uncertainty is taken over, at least and at most."""

from __future__ import annotations

from grn_core.errors import RequestError

N_DRAWS = 20
FEWEST_DRAWS, MOST_DRAWS = 2, 1000


def check_draws(n_draws: int, *, seed: int) -> None:
    """Refuse, by a `RequestError`, draws of which there is no spread, more than anybody waits for, or no seed of them.

    Parameters
    ----------
    n_draws
        Draws of the uncertainty.
    seed
        What decides them.
    """
    if not FEWEST_DRAWS <= n_draws <= MOST_DRAWS:
        message = f"the number of draws is {n_draws}"
        raise RequestError(message, needed=f"{FEWEST_DRAWS} to {MOST_DRAWS:,}", todo="change the number of draws")
    if seed < 0:
        message = f"the seed is {seed}"
        raise RequestError(message, needed="0 or more", todo="change the seed")
