"""``python -m grn_core``: the command line."""

import sys

from grn_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
