"""What is pressed in Slack: who may, what it decides, and what is said to whoever pressed."""
