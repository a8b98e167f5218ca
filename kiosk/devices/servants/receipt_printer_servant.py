"""The receipt printer's process: ESC/POS over the network, drawn as a raster because printers know no Indic script."""

from __future__ import annotations

import io
from collections.abc import Mapping

from escpos.constants import RT_MASK_ONLINE, RT_STATUS_ONLINE
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


class PaperNotReady(ProjectError):
    """The printer is there and cannot print: out of paper, cover open, jammed."""

    code = "printer.not_ready"
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
            printer = self._open()
            try:
                _require_ready(printer)
            finally:
                printer.close()
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
            _require_ready(printer)
            printer.image(image, impl="bitImageRaster")
            printer.cut()
            # A printer takes data also while it cannot print: only its answer afterwards says that paper came out.
            _require_ready(printer)
        except (OSError, EscposError) as error:
            raise PrinterUnreachable("the receipt printer stopped answering") from error
        finally:
            printer.close()


def _require_ready(printer: Network) -> None:
    status = printer.query_status(RT_STATUS_ONLINE)
    if not status:
        raise PrinterUnreachable("the receipt printer does not answer")
    if status[0] & RT_MASK_ONLINE:
        raise PaperNotReady("the receipt printer is offline")


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
