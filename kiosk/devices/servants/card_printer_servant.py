"""The card printer's process: hands a card face as a job to the printer's address, or into a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import httpx

from domain.errors import ProjectError
from kiosk.devices.frames import Value
from kiosk.devices.servants.receipt_printer_servant import PictureRefused, PrinterUnreachable
from kiosk.devices.servants.settings_reading import Settings, text
from kiosk.devices.serving import Call, MethodUnknown

_TIMEOUT_S = 10.0


class JobNameRefused(ProjectError):
    """A job is named by a card number; nothing else becomes a part of an address or of a path."""

    code = "printer.job_name_refused"
    message_key = "error.printer"


class CardPrinterServant:
    """Answers ``check`` and ``print`` (name of the job, document as PNG or PDF)."""

    def __init__(self, target: str) -> None:
        self._target = target

    def serve(self, method: str, args: Mapping[str, Value], _call: Call) -> Value:
        if method == "check":
            return self._check()
        if method == "print":
            return self._print(args.get("name"), args.get("document"), str(args.get("media_type")))
        raise MethodUnknown(method)

    def close(self) -> None:
        """Nothing is kept open between jobs."""

    @property
    def _is_address(self) -> bool:
        return self._target.startswith(("http://", "https://"))

    def _check(self) -> bool:
        if not self._is_address:
            return Path(self._target).is_dir()
        try:
            # Any answer shows that the printer is there.
            httpx.get(self._target, timeout=_TIMEOUT_S)
        except httpx.HTTPError as error:
            raise PrinterUnreachable("the card printer does not answer") from error
        return True

    def _print(self, name: Value, document: Value, media_type: str) -> bool:
        if not isinstance(document, bytes):
            raise PictureRefused("no document")
        if not isinstance(name, str) or not name.isalnum():
            raise JobNameRefused("not a card number")
        if self._is_address:
            self._post(name, document, media_type)
        else:
            suffix = ".pdf" if media_type == "application/pdf" else ".png"
            (Path(self._target) / f"{name}{suffix}").write_bytes(document)
        return True

    def _post(self, name: str, document: bytes, media_type: str) -> None:
        headers = {"content-type": media_type, "job-name": name}
        try:
            httpx.post(self._target, content=document, headers=headers, timeout=_TIMEOUT_S).raise_for_status()
        except httpx.HTTPError as error:
            raise PrinterUnreachable("the card printer did not take the job") from error


def make(settings: Settings) -> CardPrinterServant:
    """For the printer at ``target``: an address, or a folder."""
    return CardPrinterServant(text(settings, "target"))
