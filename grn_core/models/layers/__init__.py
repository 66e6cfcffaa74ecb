"""Parts that the families' networks share: tangent rules, post-norm blocks, the performer's attention, binning."""
