"""NFIQ 2 by an outside tool, where a desk has one: asked for each picture, within a deadline, never through a disk."""

from __future__ import annotations

import io
import logging
import os
import shlex
import subprocess
from dataclasses import dataclass

from PIL import Image

from biometrics.images import GreyImage
from biometrics.template import MAX_QUALITY

_log = logging.getLogger(__name__)
#: The tool takes some 0.1 s; a registration does not wait longer for a figure that decides nothing.
DEADLINE_S = 2.5


@dataclass(frozen=True, slots=True)
class OutsideNfiq2:
    """A command that prints one whole number, 0..100, for the PNG whose path is its last argument (like ``nfiq2``)."""

    command: str
    deadline_s: float = DEADLINE_S

    def measure(self, image: GreyImage, dpi: int) -> int | None:
        """The tool's value; None when it gives none in time. Never a reason to stop."""
        picture = os.memfd_create("finger", 0)
        try:
            with open(picture, "wb", closefd=False) as file:
                file.write(_png(image, dpi))
            done = subprocess.run(
                [*shlex.split(self.command), f"/proc/self/fd/{picture}"],
                pass_fds=(picture,),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self.deadline_s,
                check=False,
            )
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            # Only the type: a tool's words may name what it was given.
            _log.warning("the outside NFIQ 2 tool gave nothing: %s", type(error).__name__)
            return None
        finally:
            os.close(picture)
        return _value(done.stdout) if done.returncode == 0 else None


def _png(image: GreyImage, dpi: int) -> bytes:
    packed = io.BytesIO()
    Image.fromarray(image).save(packed, "PNG", dpi=(dpi, dpi))
    return packed.getvalue()


def _value(printed: bytes) -> int | None:
    """The number, if the tool printed nothing else."""
    text = printed.strip()
    return int(text) if text.isdigit() and int(text) <= MAX_QUALITY else None
