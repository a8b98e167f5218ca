"""DET curves as a picture: false non-match against false match rate, both on logarithmic axes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.verification_rates import DetCurve

_SIDE_PX, _MARGIN_PX = 640, 64
_LOWEST_EXPONENT = -5
_INKS = ("#1b6ca8", "#c0392b", "#2e8b57", "#8e44ad", "#d35400", "#2c3e50", "#7f8c8d", "#16a085", "#b7950b")


def draw_det(curves: Mapping[str, DetCurve], path: Path) -> None:
    """Write the curves as PNG; rates below 1e-5 lie on the axis."""
    picture = Image.new("RGB", (_SIDE_PX, _SIDE_PX), "white")
    draw = ImageDraw.Draw(picture)
    for exponent in range(_LOWEST_EXPONENT, 1):
        at = _place(10.0**exponent)
        draw.line([(at, _MARGIN_PX), (at, _SIDE_PX - _MARGIN_PX)], fill="#dddddd")
        draw.line([(_MARGIN_PX, _SIDE_PX - at), (_SIDE_PX - _MARGIN_PX, _SIDE_PX - at)], fill="#dddddd")
        draw.text((at - 12, _SIDE_PX - _MARGIN_PX + 8), f"1e{exponent}", fill="black")
        draw.text((16, _SIDE_PX - at - 6), f"1e{exponent}", fill="black")
    draw.text((_SIDE_PX // 2 - 60, _SIDE_PX - 28), "false match rate", fill="black")
    draw.text((16, 20), "false non-match rate", fill="black")
    for index, (name, curve) in enumerate(curves.items()):
        ink = _INKS[index % len(_INKS)]
        points = [(_place(fmr), _SIDE_PX - _place(fnmr)) for fmr, fnmr in zip(curve.fmr, curve.fnmr, strict=True)]
        draw.line(points, fill=ink, width=2)
        draw.text((_SIDE_PX - 220, _MARGIN_PX + 16 * index), f"{name}  EER {100 * curve.eer:.2f} %", fill=ink)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)


def _place(rate: float) -> float:
    share = 1 - float(np.log10(max(rate, 10.0**_LOWEST_EXPONENT))) / _LOWEST_EXPONENT
    return _MARGIN_PX + share * (_SIDE_PX - 2 * _MARGIN_PX)
