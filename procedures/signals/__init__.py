"""What the console watches: sources, readings, states and the watch over them all."""
