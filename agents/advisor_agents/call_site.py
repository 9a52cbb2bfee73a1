"""Who asked for a connection: the first frame that is neither SQLAlchemy's nor ours."""

import sys
from types import FrameType

_PASSED_OVER = ("sqlalchemy", "advisor_agents", "greenlet", "asyncio", "contextlib", "threading", "concurrent")
_DEEPEST = 60


def call_site() -> str:
    """`file.py:line in function` of the caller; "unknown" when there is none within 60 frames.

    SQLAlchemy's asyncio engine runs in a greenlet; the caller's frames are then those of the parent greenlet.
    """
    frame: FrameType | None = sys._getframe(1)
    for _ in range(_DEEPEST):
        if frame is None:
            frame = _parent_frame()
            if frame is None:
                break
        if not frame.f_globals.get("__name__", "").startswith(_PASSED_OVER):
            code = frame.f_code
            return f"{code.co_filename.rsplit('/', 1)[-1]}:{frame.f_lineno} in {code.co_name}"
        frame = frame.f_back
    return "unknown"


def _parent_frame() -> FrameType | None:
    greenlets = sys.modules.get("greenlet")
    if greenlets is None:
        return None
    parent = greenlets.getcurrent().parent
    frame = parent.gr_frame if parent is not None else None
    return frame if isinstance(frame, FrameType) else None
