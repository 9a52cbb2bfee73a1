"""What the rules of autoscalers reckon with: loads, metrics, and their text."""
