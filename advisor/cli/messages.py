"""Words for the user, on stderr, one line each, without control characters and without secrets."""

import sys

from advisor.surfaces.redaction import redact
from advisor.surfaces.text import one_line


def say(kind: str, text: str) -> None:
    """Print one line, such as "warning: ..."."""
    sys.stderr.write(f"{kind}: {one_line(redact(text))}\n")
