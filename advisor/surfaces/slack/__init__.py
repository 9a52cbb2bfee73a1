"""What the advisor says in Slack, and what is answered there."""
