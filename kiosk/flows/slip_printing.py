"""Paper in the person's hand; where the printer fails, the same on the screen. What was done stays done."""

from __future__ import annotations

import asyncio

from kiosk.devices.failure import DeviceFailed
from kiosk.flows.notices import OK, RETRY
from kiosk.flows.slip import Slip
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.base import Action, Picture
from kiosk.screen_models.general import PictureView
from kiosk.screen_models.text import t
from kiosk.ui import Ui

_REPRINT = Action(RETRY.id, t("action.print_again"), "printer")


async def print_slip(work: Workplace, ui: Ui, slip: Slip) -> Picture:
    """The slip as printed. Without a printer it is shown to be written down or photographed."""
    # Shaped text takes its time: never on the loop that draws frames.
    picture = Picture(await asyncio.to_thread(work.artist.draw_slip, slip, ui.language), "png")
    while True:
        try:
            await work.receipt_printer.print_picture(picture.data)
        except DeviceFailed as failure:
            note = t("slip.not_printed", reason=t(f"device.reason.{failure.reason}"))
            view = PictureView(title=slip.title, picture=picture, note=note, speak=note, actions=(OK, _REPRINT))
            if (await ui.ask(view)).action != RETRY.id:
                return picture
        else:
            return picture
