"""What the walk asks of the world: small protocols, each with one home for its adapters and a double for tests."""
