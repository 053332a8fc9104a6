"""Who may do what, and whom the operating system knows at the keys."""
