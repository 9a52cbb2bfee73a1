"""How long to go on with a server that fails: retries within one call, and a circuit breaker over many."""
