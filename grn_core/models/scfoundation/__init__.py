"""scFoundation's published checkpoint format."""
