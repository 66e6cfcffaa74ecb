"""The colours that say what an edge does, wherever a network is drawn.

Blue and orange stay apart with every common colour blindness, and each is dark enough for white and bright enough for
near-black paper (contrast of 3 or more with both).
"""

from __future__ import annotations

ACTIVATION = "#2f86c9"
REPRESSION = "#d0700f"
NEUTRAL = "#7d8790"
SIGN_COLOURS = {1: ACTIVATION, -1: REPRESSION, 0: NEUTRAL}
