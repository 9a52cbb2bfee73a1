"""Words for the user, on stderr, one line each, without control characters and without secrets."""

import sys

from advisor.surfaces.formats.text import one_line
from advisor.surfaces.redaction import redact


def say(kind: str, text: str) -> None:
    """Print one line, such as "warning: ..."."""
    sys.stderr.write(f"{kind}: {one_line(redact(text))}\n")
