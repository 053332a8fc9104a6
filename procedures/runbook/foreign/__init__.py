"""Plain Markdown runbooks of other teams, read as procedures that the console can walk."""
