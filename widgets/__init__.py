"""One picture each: widgets take plain values, post messages and do no I/O."""
