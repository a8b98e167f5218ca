"""The paper roll: commands become dots, a cut makes a receipt."""

from __future__ import annotations

import numpy as np
import segno
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from hardware_sim.receipt_printer.commands import Align, Command, Cut, NewLine, PrintQr, QrData, Raster, Text

PAPER_WIDTH_PX = 576  # 80 mm paper, 72 mm printed, 203 dots an inch
MARGIN_PX = 24
TEXT_HEIGHT_PX = 24
LINE_HEIGHT_PX = 32
QR_DOT_PX = 6
LONGEST_RECEIPT_PX = 20_000
WHITE, BLACK = 255, 0

Strip = NDArray[np.uint8]


class Paper:
    """What has been printed since the last cut."""

    def __init__(self) -> None:
        self._strips: list[Strip] = []
        self._line = b""
        self._side = 0
        self._qr = b""

    def print_command(self, command: Command) -> Image.Image | None:
        """Do what the command says; a cut gives the receipt, unless the paper was blank."""
        if isinstance(command, Text):
            self._line += command.content
        elif isinstance(command, NewLine):
            self._end_line(command.lines)
        elif isinstance(command, Raster):
            self._add(_raster_strip(command))
        elif isinstance(command, Align):
            self._side = command.side
        elif isinstance(command, QrData):
            self._qr = command.content
        elif isinstance(command, PrintQr):
            self._add(_qr_strip(self._qr))
        elif isinstance(command, Cut):
            return self._cut()
        return None

    def _end_line(self, lines: int) -> None:
        if self._line:
            self._add(_text_strip(self._line))
            self._line, lines = b"", lines - 1
        self._add(np.full((LINE_HEIGHT_PX * lines, 1), WHITE, np.uint8))

    def _add(self, strip: Strip) -> None:
        """Put a strip on the paper at the side asked for; what is too wide is lost, as on paper."""
        if sum(len(each) for each in self._strips) + len(strip) > LONGEST_RECEIPT_PX:
            return
        row = np.full((len(strip), PAPER_WIDTH_PX), WHITE, np.uint8)
        width = min(strip.shape[1], PAPER_WIDTH_PX)
        left = (PAPER_WIDTH_PX - width) * self._side // 2
        row[:, left : left + width] = strip[:, :width]
        self._strips.append(row)

    def _cut(self) -> Image.Image | None:
        self._end_line(0)
        printed = np.vstack(self._strips) if self._strips else np.full((0, PAPER_WIDTH_PX), WHITE, np.uint8)
        self._strips = []
        rows = np.flatnonzero((printed < WHITE).any(axis=1))
        if len(rows) == 0:
            return None
        kept = printed[: rows[-1] + 1]
        return Image.fromarray(np.pad(kept, MARGIN_PX, constant_values=WHITE))


def _raster_strip(raster: Raster) -> Strip:
    dots = np.frombuffer(raster.dots, np.uint8).reshape(raster.height, raster.width_bytes)
    return np.where(np.unpackbits(dots, axis=1) == 1, BLACK, WHITE).astype(np.uint8)


def _qr_strip(content: bytes) -> Strip:
    code = segno.make_qr(content or b" ")
    dots = np.array([list(row) for row in code.matrix], np.uint8)
    return np.where(np.kron(dots, np.ones((QR_DOT_PX, QR_DOT_PX))) == 1, BLACK, WHITE).astype(np.uint8)


def _text_strip(content: bytes) -> Strip:
    """A line in the printer's own letters: it has Latin ones only, which is why receipts are sent as pictures."""
    picture = Image.new("L", (PAPER_WIDTH_PX, LINE_HEIGHT_PX), WHITE)
    font = ImageFont.load_default(TEXT_HEIGHT_PX)
    text = content.decode("cp437")
    drawing = ImageDraw.Draw(picture)
    drawing.text((0, 0), text, fill=BLACK, font=font)
    width = min(PAPER_WIDTH_PX, int(drawing.textlength(text, font=font)) + 1)
    return np.asarray(picture)[:, :width]
