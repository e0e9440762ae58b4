"""From a plan to the files that devices get: templates hold the shape, the plan the truth."""
