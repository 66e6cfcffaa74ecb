"""scBenchmark's published checkpoint format."""
