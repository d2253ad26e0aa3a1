"""From a recipe to a released dataset: plan, run, judge, release, verify."""
