"""Every screen in every language on one sheet: ``python -m kiosk.screens.contact_sheet OUT.png [--size 1280x800]``.

The single pictures are left in a folder beside the sheet.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from PIL import Image, ImageDraw

from kiosk.i18n.catalogue import LANGUAGES
from kiosk.screens import tokens
from kiosk.text_shaping import TextStyle, check_shaping, draw_lines, lay_out

_CELL_PX = 426
_GAP_PX = 18
_LABEL_PX = 26


def draw_all(folder: Path, size_px: tuple[int, int], languages: tuple[str, ...]) -> dict[tuple[str, str], Path]:
    """A picture of every sample in every language, by (sample, language)."""
    os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
    os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
    check_shaping()
    from kiosk.screens import window

    window.configure(size_px, fullscreen=False)
    from kiosk.screens.presenter import KivyUi, SilentVoice
    from kiosk.screens.samples import all_samples

    window.open_window()
    ui = KivyUi(languages[0], SilentVoice())
    window.put_in_window(ui.frame)
    drawn: dict[tuple[str, str], Path] = {}
    for language in languages:
        ui.set_language(language)
        for name, model in all_samples().items():
            ui.show(model)
            window.settle(6)
            path = folder / f"{name}.{language}.png"
            window.save_picture(path)
            drawn[name, language] = path
    return drawn


def make_sheet(drawn: dict[tuple[str, str], Path], out: Path) -> None:
    """One row a screen, one column a language."""
    names = list(dict.fromkeys(name for name, _ in drawn))
    languages = list(dict.fromkeys(language for _, language in drawn))
    with Image.open(next(iter(drawn.values()))) as first:
        height = round(_CELL_PX * first.height / first.width)
    columns = max(1, 2 if len(languages) < 2 else 1)
    row_px = height + _LABEL_PX + _GAP_PX
    width = (_CELL_PX + _GAP_PX) * len(languages) * columns + _GAP_PX
    rows = -(-len(names) // columns)
    sheet = Image.new("RGB", (width, rows * row_px + _GAP_PX), tokens.LINE)
    for number, name in enumerate(names):
        column, row = number % columns, number // columns
        for offset, language in enumerate(languages):
            x = _GAP_PX + (column * len(languages) + offset) * (_CELL_PX + _GAP_PX)
            y = _GAP_PX + row * row_px
            with Image.open(drawn[name, language]) as picture:
                small = picture.resize((_CELL_PX, height), Image.Resampling.LANCZOS)
            sheet.paste(small, (x, y + _LABEL_PX))
            label = lay_out(f"{name} · {language}", None, TextStyle(17, bold=True))
            draw_lines(ImageDraw.Draw(sheet), label, (x, y), _CELL_PX, "left", tokens.INK)
    out.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(out)


def main() -> int:
    parser = argparse.ArgumentParser(description="Draw every screen in every language.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", default="1280x800")
    parser.add_argument("--languages", default=",".join(LANGUAGES))
    arguments = parser.parse_args()
    width, _, height = arguments.size.partition("x")
    folder = arguments.out.with_suffix("")
    drawn = draw_all(folder, (int(width), int(height)), tuple(arguments.languages.split(",")))
    make_sheet(drawn, arguments.out)
    sys.stdout.write(f"{len(drawn)} screens, sheet: {arguments.out}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
