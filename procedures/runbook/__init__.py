"""A Markdown document becomes a procedure: format, parser, checks vocabulary, linter, catalogue."""
