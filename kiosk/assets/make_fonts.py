"""Make the kiosk's fonts: one family that holds Latin, Devanagari and Arabic together, and the icons in use.

Kivy and Pillow fall back to no other font, and Noto's script fonts have no Latin letters, so a name in one script
inside a sentence of another would be boxes. Merging settles it once. Run after a change of scripts or icons:

    python -m kiosk.assets.make_fonts --icons materialdesignicons-webfont.ttf

Sources: Debian's fonts-noto-core (OFL 1.1; no reserved font name), npm's @mdi/font 7.4.47 (Apache-2.0).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from fontTools.merge import Merger
from fontTools.merge import Options as MergeOptions
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem

from kiosk.icons import ICONS

NOTO_DIR = Path("/usr/share/fonts/truetype/noto")
OUT_DIR = Path(__file__).parent / "fonts"
FAMILY = "Single Window Sans"
LARGEST_BYTES = 400_000

LATIN = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),  # western and central European letters
    *range(0x1E00, 0x1F00),  # transliterations, Vietnamese
    *(0x02BC, 0x2009, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F),
    *range(0x2010, 0x2027),
    *(0x2030, 0x2032, 0x2033, 0x2039, 0x203A, 0x2044),
    *range(0x2066, 0x206A),  # direction isolates
    *(0x20AC, 0x20B9, 0x2122, 0x2190, 0x2192, 0x2212, 0x25CC),
]
DEVANAGARI = [*range(0x0900, 0x0980), 0x200C, 0x200D, 0x25CC, *range(0xA8E0, 0xA900)]
ARABIC = [
    *(0x0600, 0x060B, 0x060C, 0x061B, 0x061F),
    *range(0x0621, 0x0670),
    *range(0x0670, 0x06D6),
    *range(0x06F0, 0x0700),
    *(0x200C, 0x200D, 0xFDFA, 0xFDF2),
]
#: Naskh letters stand low in their em; beside Latin and Devanagari they need this size to read as large.
ARABIC_SCALE = 1.16
#: Latin and Devanagari share Noto Sans' em.
UNITS_PER_EM = 1000


def _subset(path: Path, code_points: list[int], scale: float = 1.0) -> TTFont:
    font = TTFont(path)
    options = Options()
    options.layout_features = ["*"]
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0, 13, 14]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=code_points)
    subsetter.subset(font)
    if scale != 1.0:
        scale_upem(font, round(font["head"].unitsPerEm * scale))
        font["head"].unitsPerEm = UNITS_PER_EM
    return font


def _rename(font: TTFont, style: str) -> None:
    """Give the merged font its own family name; copyright and licence records stay."""
    names = {1: FAMILY, 2: style, 3: f"{FAMILY} {style} 1", 4: f"{FAMILY} {style}", 6: f"SingleWindowSans-{style}"}
    for name_id, value in names.items():
        font["name"].setName(value, name_id, 3, 1, 0x409)


def make_text_font(style: str) -> Path:
    """Merge Latin, Devanagari and Arabic in one style; returns the file written."""
    parts = [
        _subset(NOTO_DIR / f"NotoSans-{style}.ttf", LATIN),
        _subset(NOTO_DIR / f"NotoSansDevanagari-{style}.ttf", DEVANAGARI),
        _subset(NOTO_DIR / f"NotoNaskhArabic-{style}.ttf", ARABIC, ARABIC_SCALE),
    ]
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, part in enumerate(parts):
            paths.append(f"{folder}/{number}.ttf")
            part.save(paths[-1])
        merged = Merger(MergeOptions(drop_tables=["vhea", "vmtx", "GDEF_VARSTORE"])).merge(paths)
    _rename(merged, style)
    out = OUT_DIR / f"SingleWindowSans-{style}.ttf"
    merged.save(out)
    return out


def make_icon_font(source: Path) -> Path:
    """The icons of the table, alone; returns the file written."""
    font = TTFont(source)
    options = Options()
    options.hinting = False
    options.name_IDs = ["*"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=list(ICONS.values()))
    subsetter.subset(font)
    _set_left_bearings(font)
    out = OUT_DIR / "Icons.ttf"
    font.save(out)
    return out


def _set_left_bearings(font: TTFont) -> None:
    """The web font's metrics say 0 for every bearing; without its hints FreeType would push each icon to the left."""
    for name, (advance, _) in font["hmtx"].metrics.items():
        glyph = font["glyf"][name]
        glyph.recalcBounds(font["glyf"])
        font["hmtx"].metrics[name] = (advance, getattr(glyph, "xMin", 0))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--icons", type=Path, help="materialdesignicons-webfont.ttf of @mdi/font")
    arguments = parser.parse_args()
    OUT_DIR.mkdir(exist_ok=True)
    written = [make_text_font("Regular"), make_text_font("Bold")]
    if arguments.icons:
        written.append(make_icon_font(arguments.icons))
    for path in written:
        size = path.stat().st_size
        sys.stdout.write(f"{path.name}: {size} bytes\n")
        if size > LARGEST_BYTES:
            sys.stderr.write(f"{path.name} is larger than {LARGEST_BYTES} bytes\n")
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
