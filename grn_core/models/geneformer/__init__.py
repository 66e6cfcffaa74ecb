"""Geneformer's published checkpoint format, its tokens and its readouts."""
