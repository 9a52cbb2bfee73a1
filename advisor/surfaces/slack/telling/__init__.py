"""What the advisor says on its own: changes in their threads, recommendations, answers to alerts, digests."""
