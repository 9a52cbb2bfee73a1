"""What a HorizontalPodAutoscaler would do with a recorded demand: the controller's documented algorithm, played."""
