"""Keeps a long-lived process as small as what it holds: what a look took for a moment goes back.

Of glibc alone, whose heap keeps what was freed, and which gives each thread one of its own. Elsewhere nothing is done.
"""

import ctypes
from functools import cache

_ARENAS, _MAPPED = -8, -3
"""M_ARENA_MAX and M_MMAP_THRESHOLD of malloc.h."""
_MOST_ARENAS = 2
_LARGE_BYTES = 128 * 1024
"""Glibc's own beginning, which it would raise with every large piece that is freed."""


def keep_small() -> None:
    """For this process, before its threads begin: large pieces are mapped, and go back when they are freed."""
    if (libc := _glibc()) is not None:
        libc.mallopt(_ARENAS, _MOST_ARENAS)
        libc.mallopt(_MAPPED, _LARGE_BYTES)


def give_back() -> None:
    """What is free between the pieces that are held; a few milliseconds."""
    if (libc := _glibc()) is not None:
        libc.malloc_trim(0)


@cache
def _glibc() -> ctypes.CDLL | None:
    try:
        libc = ctypes.CDLL(None)
    except (OSError, TypeError):
        return None
    return libc if hasattr(libc, "malloc_trim") and hasattr(libc, "mallopt") else None
