"""A surface that remembers whether it serves."""


class FakeSurface:
    """Implements Surface."""

    name = "fake"

    def __init__(self) -> None:
        self.serves = False

    def start(self) -> None:
        self.serves = True

    def stop(self) -> None:
        self.serves = False
