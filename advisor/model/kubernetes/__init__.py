"""What is seen of a cluster: workloads, autoscalers, and the rules of their namespaces."""
