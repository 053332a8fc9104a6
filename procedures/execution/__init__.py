"""Walking a procedure: levels, risk, confirmation, supervised steps, the run as a fold."""
