"""Edges beside what changed when TFs were perturbed."""
