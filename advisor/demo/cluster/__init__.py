"""The closed loop on a Kubernetes cluster: real API server and controllers, played pods and callers."""
