"""Smooth random fields, the raw material of skin."""

from __future__ import annotations

import hashlib

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]


def seeded(*parts: object) -> np.random.Generator:
    """A random generator that depends on all of these and on nothing else."""
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


def smooth_field(random: np.random.Generator, height: int, width: int, grain_px: float) -> Field:
    """Normal noise of about unit variance whose features are ``grain_px`` across."""
    rows, columns = int(height / grain_px) + 4, int(width / grain_px) + 4
    coarse = random.standard_normal((rows, columns)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def smooth_like(random: np.random.Generator, other: Field, grain_px: float) -> Field:
    """A smooth field of the size of another one."""
    height, width = other.shape
    return smooth_field(random, height, width, grain_px)
