"""Which rules there are, from which packs, and what a Prometheus can tell of them."""
