"""Rules on workloads and autoscalers of a cluster, as far as their objects alone tell."""
