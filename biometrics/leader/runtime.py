"""Running the network under ONNX Runtime."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.images import GreyImage
from biometrics.leader.network import DIRECTION, KIND, POSITION, SIZE_MULTIPLE_PX, SOURCE

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_MOST_THREADS = 2


@dataclass(frozen=True, slots=True)
class MinutiaMaps:
    """Per pixel of one picture: how likely a minutia is (0..1), a vector along its direction, odds of an ending."""

    position: NDArray[np.float32]
    direction: NDArray[np.float32]
    kind: NDArray[np.float32]


def usual_threads() -> int:
    """2 where this process may use two cores or more, else 1."""
    return min(_MOST_THREADS, len(os.sched_getaffinity(0)))


@lru_cache(maxsize=2)
def open_network(model: Path, threads: int) -> Network:
    """The network of that file, loaded once a process (0.4 s)."""
    return Network(model, threads)


class Network:
    """A loaded network; safe to use from several threads."""

    def __init__(self, model: Path, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Spinning threads would take the second core from the screen between two fingers.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session: InferenceSession = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )

    def read(self, images: Sequence[GreyImage], background: int) -> list[MinutiaMaps]:
        """The maps of each picture, of its own size; pictures are laid into a common frame of the background's grey."""
        if not images:
            return []
        height_px = _padded(max(image.shape[0] for image in images))
        width_px = _padded(max(image.shape[1] for image in images))
        framed = np.stack([_framed(image, height_px, width_px, background) for image in images])
        position, direction, kind = self._session.run(
            [POSITION, DIRECTION, KIND], {SOURCE: framed[:, None].astype(np.float32)}
        )
        return [
            _cut(position[n, 0], direction[n], kind[n, 0], image, height_px, width_px) for n, image in enumerate(images)
        ]


def _padded(length_px: int) -> int:
    return -(-length_px // SIZE_MULTIPLE_PX) * SIZE_MULTIPLE_PX


def _framed(image: GreyImage, height_px: int, width_px: int, background: int) -> GreyImage:
    top, left = _corner(image, height_px, width_px)
    below, right = height_px - image.shape[0] - top, width_px - image.shape[1] - left
    framed = cv2.copyMakeBorder(image, top, below, left, right, cv2.BORDER_CONSTANT, value=background)
    return np.asarray(framed, np.uint8)


def _corner(image: GreyImage, height_px: int, width_px: int) -> tuple[int, int]:
    return (height_px - image.shape[0]) // 2, (width_px - image.shape[1]) // 2


def _cut(
    position: NDArray[np.float32],
    direction: NDArray[np.float32],
    kind: NDArray[np.float32],
    image: GreyImage,
    height_px: int,
    width_px: int,
) -> MinutiaMaps:
    top, left = _corner(image, height_px, width_px)
    rows, columns = slice(top, top + image.shape[0]), slice(left, left + image.shape[1])
    return MinutiaMaps(position[rows, columns], direction[:, rows, columns], kind[rows, columns])
