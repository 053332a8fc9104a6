"""The team's policy as data: indicators, thresholds, alert rules, severities."""
