"""The settings file: where it lies, how it is read, and what is said when it cannot be used."""
