"""Loops over bytes and numbers, compiled by numba when they are first called and kept for later processes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """``function`` as machine code that runs without the interpreter's lock.

    The code is kept beside the source, or in the user's own cache folder where that cannot be written (numba reads it
    back from nowhere else; ``NUMBA_CACHE_DIR`` names another place). Where neither can be written, it is compiled anew
    in each process.
    """
    try:
        return cast(F, numba.njit(nogil=True, cache=True)(function))
    except RuntimeError:
        return cast(F, numba.njit(nogil=True)(function))
