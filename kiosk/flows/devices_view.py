"""Each device with what is wrong and what to do."""

from __future__ import annotations

import asyncio

from domain.messages.local_check import NotChecked
from domain.revocation_age import ListFreshness
from kiosk.devices.failure import DeviceName, Health
from kiosk.flows.notices import waiting
from kiosk.flows.offline_caution import list_text
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.base import Action, Tone
from kiosk.screen_models.services import DeviceHealth, DeviceRow
from kiosk.screen_models.text import t
from kiosk.ui import Ui

_AGAIN = Action("again", t("devices.check_again"), "retry", Tone.PRIMARY)
_ICONS = {
    DeviceName.CARD_READER: "card_reader",
    DeviceName.OFFICER_READER: "card_reader",
    DeviceName.FINGERPRINT: "finger",
    DeviceName.CAMERA: "camera",
    DeviceName.FACES: "face",
    DeviceName.BIOMETRICS: "chip",
    DeviceName.RECEIPT_PRINTER: "printer",
    DeviceName.CARD_PRINTER: "card",
}


async def show_devices(work: Workplace, ui: Ui) -> None:
    """Until the officer goes back."""
    while True:
        ui.show(waiting(t("devices.checking"), "devices"))
        found = await check_all(work)
        rows = (*(_row(health) for health in found), _list_row(work), _gallery_row(work))
        answer = await ui.ask(DeviceHealth(title=t("devices.title"), rows=rows, actions=(_AGAIN,), has_back=True))
        if answer.action != _AGAIN.id:
            return


async def check_all(work: Workplace) -> list[Health]:
    """Every device asked at the same time; none can hold up the others."""
    devices = [
        work.holder_reader,
        work.officer_reader,
        work.finger_reader,
        work.camera,
        work.biometrics,
        work.receipt_printer,
        work.card_printer,
        *(() if work.faces is None else (work.faces,)),
    ]
    return list(await asyncio.gather(*(device.check() for device in devices)))


def _list_row(work: Workplace) -> DeviceRow:
    """The list of refused cards, which ages without a network (F42)."""
    is_fresh = work.store.revocations.freshness(on=work.store.clock.today()) is ListFreshness.FRESH
    return DeviceRow(t("devices.list"), "history", is_fresh, list_text(work))


def _gallery_row(work: Workplace) -> DeviceRow:
    """Whom the desk itself can look for before a card is written (F26); where it may hold nobody, nothing is wrong."""
    book = work.gallery.book
    if book.lack is not None or book.whole_at is None:
        lack = book.lack or NotChecked.NO_GALLERY
        is_meant = lack is NotChecked.NOT_ALLOWED
        return DeviceRow(t("devices.gallery"), "database", is_meant, t(f"gallery.lacks.{lack}"))
    day = t("date", iso=book.whole_at.astimezone().date().isoformat())
    return DeviceRow(t("devices.gallery"), "database", True, t("gallery.holds", count=book.people, day=day))


def _row(health: Health) -> DeviceRow:
    detail = t("device.works") if health.reason is None else t(f"device.reason.{health.reason}")
    return DeviceRow(t(f"device.{health.device}"), _ICONS[health.device], health.is_working, detail)
