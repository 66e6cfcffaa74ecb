"""What is trained and tested, and the measuring itself."""

from __future__ import annotations
