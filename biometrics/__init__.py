"""Images in, templates and scores out: fingerprints and portraits, free of devices and databases.

Importing this package is cheap: OpenCV and Numba load with the first module that needs them.
"""

from __future__ import annotations

__all__ = ["warm_up"]


def warm_up() -> float:
    """Compile or load every native part once, so that the first person does not wait.

    Returns the seconds it took.
    """
    from biometrics.warming import warm_up as warm_every_part

    return warm_every_part()
