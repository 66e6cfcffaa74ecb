"""`make fuzz`: damaged and invented files go through readers for some minutes, and what became of them is counted."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from tests.fuzz.outcomes import FAILURES, work


def main() -> int:
    """Fuzz, say what was counted, and return 1 if anything came out as it must not."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="decides what is drawn")
    given_words = parser.parse_args()
    until, total = time.time() + 60 * given_words.minutes, Counter[str]()
    print(f"seed {given_words.seed}", flush=True)
    with ProcessPoolExecutor(given_words.processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        asked = [pool.submit(work, given_words.seed * 1000 + number, until) for number in range(given_words.processes)]
        for one in asked:
            total.update(one.result())
    for name, n in total.most_common():
        print(f"{n:>9,}  {name}")
    return int(any(total[name] for name in FAILURES))


if __name__ == "__main__":
    sys.exit(main())
