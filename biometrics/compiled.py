"""One way to compile: Numba without Python objects, cached on disk, no threads of its own.

The cache lies beside the source files, or in NUMBA_CACHE_DIR when that is set (needed where the program
folder is read-only); Numba falls back to the user's cache folder. A cached function is renewed when *its
own* file changes, so a compiled function calls only compiled functions of its own file: otherwise an edit
elsewhere would go unnoticed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def compiled(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """The function, compiled at its first call."""
    return cast(
        Callable[_Arguments, _Result], njit(cache=True, fastmath=True, nogil=True, error_model="numpy")(function)
    )
