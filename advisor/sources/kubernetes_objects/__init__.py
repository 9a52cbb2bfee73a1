"""What single objects of Kubernetes say, as a server reads them: no I/O, no other object."""
