"""What a change of TFs would do by a model, how that fits what was measured, and which change would tell most."""
