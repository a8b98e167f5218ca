"""A template as a few numbers in an array: 6 bytes a minutia, as the index keeps millions of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import TemplateUnencodable
from biometrics.matcher import PreparedTemplate, prepare_places
from biometrics.template import Minutia, MinutiaKind, Template
from domain.fingers import FingerPosition

#: (x with the kind in its upper two bits, y, angle_256 in the upper and quality in the lower byte), as in ISO/IEC
#: 19794-2:2005, 8.4.
MinutiaRows = NDArray[np.uint16]

#: Picture sizes beyond this do not fit beside the kind.
MAX_SIDE_PX = 1 << 14
_KIND_SHIFT = 14
_COORDINATE_MASK = MAX_SIDE_PX - 1
_ANGLE_SHIFT = 8
_QUALITY_MASK = 0xFF
_MAX_DPI = 0xFFFF
#: By number: making an enumeration's member of a number takes longer than the rest of a minutia.
_KINDS = tuple(MinutiaKind)


@dataclass(frozen=True, slots=True, eq=False)
class PackedTemplate:
    """One impression: of its Template all that comparing looks at (not who extracted it, nor NFIQ 2)."""

    position: FingerPosition
    width_px: int
    height_px: int
    dpi: int
    quality: int
    rows: MinutiaRows

    def __repr__(self) -> str:
        """Says how much there is, never what: templates must not leak through logs."""
        return f"PackedTemplate({self.position.name}, {len(self.rows)} minutiae)"


def pack(template: Template) -> PackedTemplate:
    """The template, packed. Raises TemplateUnencodable for pictures of more than 16,384 pixels a side."""
    if max(template.width_px, template.height_px) > MAX_SIDE_PX or template.dpi > _MAX_DPI:
        raise TemplateUnencodable("the picture is too large for the index")
    values = [
        (m.kind << _KIND_SHIFT | m.x_px, m.y_px, m.angle_256 << _ANGLE_SHIFT | m.quality) for m in template.minutiae
    ]
    rows = np.array(values, np.uint16).reshape(-1, 3)
    return PackedTemplate(
        template.position, template.width_px, template.height_px, template.dpi, template.quality, rows
    )


def prepare_packed(packed: PackedTemplate) -> PreparedTemplate:
    """What prepare(unpack(packed)) gives, in a tenth of its time: a search opens hundreds of them."""
    places = np.empty((len(packed.rows), 3), np.float32)
    places[:, 0] = packed.rows[:, 0] & _COORDINATE_MASK
    places[:, 1] = packed.rows[:, 1]
    places[:, 2] = packed.rows[:, 2] >> _ANGLE_SHIFT
    return prepare_places(places, packed.dpi)


def unpack(packed: PackedTemplate) -> Template:
    """The template that was packed, as far as comparing goes."""
    minutiae = tuple(
        Minutia(
            x & _COORDINATE_MASK,
            y,
            angle_and_quality >> _ANGLE_SHIFT,
            _KINDS[x >> _KIND_SHIFT],
            angle_and_quality & _QUALITY_MASK,
        )
        for x, y, angle_and_quality in packed.rows.tolist()
    )
    return Template(packed.width_px, packed.height_px, packed.dpi, packed.position, packed.quality, minutiae)
