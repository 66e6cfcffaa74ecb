"""One module a kind of work: its request, its function and its record."""
