"""A command under its supervisor: process, terminal, output, and how it is stopped."""
