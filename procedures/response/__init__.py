"""Incidents: what is open, how bad it is and since when."""
