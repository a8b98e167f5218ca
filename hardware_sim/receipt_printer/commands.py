"""Reading ESC/POS: a stream of bytes becomes printer commands (Epson, "ESC/POS command reference")."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

DLE, EOT, LF, CR, FS = 0x10, 0x04, 0x0A, 0x0D, 0x1C
ESC, GS = 0x1B, 0x1D
PRINTABLE_FROM = 0x20
#: Commands we only have to skip: after ESC, GS or FS this letter takes so many parameter bytes.
ESC_PARAMETERS = {
    **dict.fromkeys(b"@2<", 0),
    **dict.fromkeys(b"!3-EGJMRSTVadtr{BeKi =pc5", 1),
    **dict.fromkeys(b"$\\", 2),
}
GS_PARAMETERS = {
    **dict.fromkeys(b"!BHIhwfrab/", 1),
    **dict.fromkeys(b"LWP$\\", 2),
}
FS_PARAMETERS = {**dict.fromkeys(b"&.", 0), **dict.fromkeys(b"!-CW", 1), **dict.fromkeys(b"S", 2)}
MAX_RASTER_BYTES = 4_000_000


class NotEscPos(ValueError):
    """The bytes are no ESC/POS we know."""


@dataclass(frozen=True)
class Text:
    """Characters of one line, or of a part of it."""

    content: bytes


@dataclass(frozen=True)
class NewLine:
    """The end of a line, or ``lines`` of them."""

    lines: int = 1


@dataclass(frozen=True)
class Raster:
    """A picture of black dots: GS v 0."""

    width_bytes: int
    height: int
    dots: bytes = field(repr=False)


@dataclass(frozen=True)
class QrData:
    """What the printer's own QR code shall hold: GS ( k, function 80."""

    content: bytes


@dataclass(frozen=True)
class PrintQr:
    """Print the QR code now: GS ( k, function 81."""


@dataclass(frozen=True)
class Align:
    """0 left, 1 middle, 2 right: ESC a."""

    side: int


@dataclass(frozen=True)
class Cut:
    """GS V."""


@dataclass(frozen=True)
class AskStatus:
    """DLE EOT n: answered at once, whatever the printer is doing."""

    kind: int


@dataclass(frozen=True)
class Skipped:
    """A command that changes nothing we draw."""


Command = Text | NewLine | Raster | QrData | PrintQr | Align | Cut | AskStatus | Skipped


class CommandReader:
    """Collects bytes and gives the commands that are complete."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes) -> Iterator[Command]:
        """The commands complete so far. Raises NotEscPos on what no printer could read."""
        self._waiting += data
        while self._waiting:
            found = _take(bytes(self._waiting))
            if found is None:
                return
            command, used = found
            del self._waiting[:used]
            yield command


def _take(data: bytes) -> tuple[Command, int] | None:
    first = data[0]
    if first == LF:
        return NewLine(), 1
    if first in (ESC, GS, FS, DLE):
        return None if len(data) < 2 else _take_escape(first, data)
    if first < PRINTABLE_FROM:
        return Skipped(), 1
    end = next((at for at, byte in enumerate(data) if byte < PRINTABLE_FROM), len(data))
    return Text(data[:end]), end


def _take_escape(first: int, data: bytes) -> tuple[Command, int] | None:
    letter = data[1]
    if first == DLE:
        return _sized(data, 3, lambda: AskStatus(data[2]) if letter == EOT else Skipped())
    if first == ESC and letter == ord("a"):
        return _sized(data, 3, lambda: Align(data[2] % 48 % 3))
    if first == ESC and letter == ord("d"):
        return _sized(data, 3, lambda: NewLine(data[2]))
    if first == ESC and letter == ord("D"):
        end = data.find(0, 2)
        return None if end < 0 else (Skipped(), end + 1)
    if first == GS and letter == ord("V"):
        return _take_cut(data)
    if first == GS and letter == ord("v"):
        return _take_raster(data)
    if first == GS and letter == ord("("):
        return _take_block(data)
    if first == GS and letter == ord("k"):
        return _take_barcode(data)
    table = {ESC: ESC_PARAMETERS, GS: GS_PARAMETERS, FS: FS_PARAMETERS}[first]
    if letter not in table:
        raise NotEscPos(f"unknown command {first:02x} {letter:02x}")
    return _sized(data, 2 + table[letter], Skipped)


def _sized(data: bytes, size: int, make: Callable[[], Command]) -> tuple[Command, int] | None:
    if len(data) < size:
        return None
    return make(), size


def _take_cut(data: bytes) -> tuple[Command, int] | None:
    if len(data) < 3:
        return None
    has_feed = data[2] in (65, 66, 97, 98, 103, 104)
    return _sized(data, 4 if has_feed else 3, Cut)


def _take_raster(data: bytes) -> tuple[Command, int] | None:
    """GS v 0 m xL xH yL yH, then rows of x bytes."""
    if len(data) < 8:
        return None
    width_bytes, height = data[4] + 256 * data[5], data[6] + 256 * data[7]
    size = width_bytes * height
    if size > MAX_RASTER_BYTES:
        raise NotEscPos("picture too large")
    return _sized(data, 8 + size, lambda: Raster(width_bytes, height, data[8 : 8 + size]))


def _take_block(data: bytes) -> tuple[Command, int] | None:
    """GS ( letter pL pH, then p bytes; only the QR code functions mean something here."""
    if len(data) < 5:
        return None
    end = 5 + data[3] + 256 * data[4]
    if len(data) < end:
        return None
    body = data[5:end]
    if data[2] == ord("k") and body[:2] == b"1P":
        return QrData(body[3:]), end
    if data[2] == ord("k") and body[:2] == b"1Q":
        return PrintQr(), end
    return Skipped(), end


def _take_barcode(data: bytes) -> tuple[Command, int] | None:
    if len(data) < 4:
        return None
    if data[2] >= ord("A"):
        return _sized(data, 4 + data[3], Skipped)
    end = data.find(0, 3)
    return None if end < 0 else (Skipped(), end + 1)
