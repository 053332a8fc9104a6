"""A walk: every turn of an operator, from the decision on a step to its verified end."""
