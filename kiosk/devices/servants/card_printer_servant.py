"""The card printer's process: hands a card face as a job to the printer's address, or into a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import httpx

from domain.card_number import parse_card_number
from domain.cards import CardProfile
from domain.errors import ProjectError
from kiosk.devices.frames import Value
from kiosk.devices.servants.receipt_printer_servant import PictureRefused, PrinterUnreachable
from kiosk.devices.servants.settings_reading import Settings, text
from kiosk.devices.serving import Call, MethodUnknown

_TIMEOUT_S = 10.0
_HOLDER_READER = "0"
#: How a document begins, and what it then is.
_KINDS = {b"%PDF-": ("application/pdf", "pdf"), b"\x89PNG": ("image/png", "png")}


class PrinterRefused(ProjectError):
    """The printer is there and did not print: no card in it, out of cards, jammed."""

    code = "printer.refused"
    message_key = "error.printer"


#: What the printer calls the plastic of each profile.
_KIND_OF_PROFILE = {
    str(CardProfile.HOUSEHOLD): "household",
    str(CardProfile.OPERATOR): "officer",
    # The printer knows two: a worker's card is a beneficiary's too.
    str(CardProfile.WORKER): "household",
}


class CardPrinterServant:
    """Answers ``check`` and ``print`` (card number, CAN, profile, document as PNG or PDF)."""

    def __init__(self, target: str) -> None:
        self._target = target

    def serve(self, method: str, args: Mapping[str, Value], _call: Call) -> Value:
        if method == "check":
            return self._check()
        if method == "print":
            return self._print(args)
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
            httpx.get(self._target, timeout=_TIMEOUT_S, trust_env=False)
        except httpx.HTTPError as error:
            raise PrinterUnreachable("the card printer does not answer") from error
        return True

    def _print(self, args: Mapping[str, Value]) -> bool:
        document = args.get("document")
        if not isinstance(document, bytes) or document[:4] not in {start[:4] for start in _KINDS}:
            raise PictureRefused("neither PNG nor PDF")
        media_type, suffix = next(kind for start, kind in _KINDS.items() if document.startswith(start))
        card_number = parse_card_number(str(args.get("number")))
        if self._is_address:
            kind = _KIND_OF_PROFILE.get(str(args.get("profile")), "household")
            job = {"number": card_number, "can": str(args.get("can")), "reader": _HOLDER_READER, "kind": kind}
            self._post(job, document, media_type)
        else:
            (Path(self._target) / f"card-{card_number}.{suffix}").write_bytes(document)
        return True

    def _post(self, job: Mapping[str, str], document: bytes, media_type: str) -> None:
        headers = {"content-type": media_type}
        address = f"{self._target.rstrip('/')}/jobs"
        try:
            answer = httpx.post(
                address, params=job, content=document, headers=headers, timeout=_TIMEOUT_S, trust_env=False
            )
        except httpx.HTTPError as error:
            raise PrinterUnreachable("the card printer does not answer") from error
        if not answer.is_success:
            raise PrinterRefused(f"the card printer answered {answer.status_code}")


def make(settings: Settings) -> CardPrinterServant:
    """For the printer at ``target``: an address, or a folder."""
    return CardPrinterServant(text(settings, "target"))
