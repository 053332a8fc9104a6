"""The embedded LLM Config Manager: a real local service with faults on demand."""
