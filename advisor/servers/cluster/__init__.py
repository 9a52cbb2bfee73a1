"""A Kubernetes cluster of our own: the real API server and controllers, kwok for the kubelet, and played metrics."""
