"""The receipt printer's process: ESC/POS over the network, drawn as a raster because printers know no Indic script."""

from __future__ import annotations

import io
from collections.abc import Mapping

from escpos.exceptions import Error as EscposError
from escpos.printer import Network
from PIL import Image

from domain.errors import ProjectError
from kiosk.devices.frames import Value
from kiosk.devices.servants.settings_reading import Settings, number, text
from kiosk.devices.serving import Call, MethodUnknown

_MAX_PIXELS = 4_000_000
_TIMEOUT_S = 5


class PrinterUnreachable(ProjectError):
    """The printer does not answer."""

    code = "printer.unreachable"
    message_key = "error.printer"


class PictureRefused(ProjectError):
    """What should be printed is no picture, or too large a one."""

    code = "printer.picture_refused"
    message_key = "error.printer"


class ReceiptPrinterServant:
    """Answers ``check`` and ``print`` (a PNG)."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port

    def serve(self, method: str, args: Mapping[str, Value], _call: Call) -> Value:
        if method == "check":
            self._open().close()
            return True
        if method == "print":
            self._print(args.get("png"))
            return True
        raise MethodUnknown(method)

    def close(self) -> None:
        """Nothing is kept open between receipts."""

    def _open(self) -> Network:
        printer = Network(self._host, port=self._port, timeout=_TIMEOUT_S)
        try:
            printer.open()
        except (OSError, EscposError) as error:
            raise PrinterUnreachable("the receipt printer does not answer") from error
        return printer

    def _print(self, png: Value) -> None:
        image = _decode(png)
        printer = self._open()
        try:
            # center=True needs a printer profile with a known width.
            printer.image(image, impl="bitImageRaster", center=False)
            printer.cut()
        except (OSError, EscposError) as error:
            raise PrinterUnreachable("the receipt printer stopped answering") from error
        finally:
            printer.close()


def _decode(png: Value) -> Image.Image:
    if not isinstance(png, bytes):
        raise PictureRefused("no picture")
    try:
        image = Image.open(io.BytesIO(png), formats=("PNG",))
        if image.width * image.height > _MAX_PIXELS:
            raise PictureRefused("too many pixels")
        return image.convert("1")
    except (OSError, SyntaxError, ValueError) as error:
        raise PictureRefused("not a sound PNG") from error


def make(settings: Settings) -> ReceiptPrinterServant:
    """For the printer at ``host`` and ``port``."""
    return ReceiptPrinterServant(text(settings, "host"), number(settings, "port", 9100))
