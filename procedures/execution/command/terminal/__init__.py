"""What a terminal would show: a pure emulator that needs nothing but the standard library."""
