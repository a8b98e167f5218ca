"""Importing the room must stay cheap for processes that never touch a finger."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("cv2", "numba", "numpy", "PIL")


def test_importing_biometrics_loads_nothing_heavy() -> None:
    code = f"import sys, biometrics; print([name for name in {HEAVY} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_warming_up_works_twice() -> None:
    import biometrics

    biometrics.warm_up()
    assert biometrics.warm_up() < 30
