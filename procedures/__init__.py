"""Everything an operator does, without a screen: no module here imports a UI toolkit."""
