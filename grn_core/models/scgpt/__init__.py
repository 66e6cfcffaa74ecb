"""scGPT's published checkpoint format."""
