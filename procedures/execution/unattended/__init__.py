"""A walk that nobody attends, by orders given beforehand."""
