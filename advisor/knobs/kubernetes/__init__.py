"""Changes live objects of a cluster: autoscalers, and the sizes of containers."""
