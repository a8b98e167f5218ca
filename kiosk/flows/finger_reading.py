"""One finger on the sensor, with the screen following: place, reading, good, or try again and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from domain.fingers import FingerPosition
from domain.sensors import SensorIdentity
from enrolment.devices.ports import FingerImage
from kiosk.devices.ports import FingerReading, OtherFinger
from kiosk.flows.racing import answer_or
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.base import RawPicture
from kiosk.screen_models.people import FingerCapture, FingerPhase
from kiosk.screen_models.text import t
from kiosk.store.audit_log import AuditLine
from kiosk.ui import Answer, Ui


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of one placing; ``template`` is empty when nothing usable was seen."""

    template: bytes = field(repr=False)
    quality: int
    hint_key: str | None
    preview: RawPicture = field(repr=False)
    #: The sensor knows that it was another finger than asked: it says nothing about the one that was.
    is_other_finger: bool = False
    #: The device that took the picture, where it said who it is.
    sensor: SensorIdentity | None = None


class NobodyThere:
    """No finger came in time."""


NOBODY = NobodyThere()


async def read_finger(
    work: Workplace, ui: Ui, screen: FingerCapture, *, is_any: bool = False
) -> Reading | Answer | NobodyThere:
    """Asks for the finger of the screen; a touch on one of its actions ends the wait. Raises DeviceFailed.

    ``is_any``: whichever finger comes is welcome, and the one on the screen only shows how.
    """
    ui.show(replace(screen, phase=FingerPhase.WAITING))
    expected = FingerPosition.UNKNOWN if is_any else screen.position
    return await answer_or(ui, _read(work, screen, expected, ui.show))


async def _read(
    work: Workplace, screen: FingerCapture, expected: FingerPosition, show: Callable[[FingerCapture], None]
) -> Reading | NobodyThere:
    if not await work.finger_reader.wait_for_finger(timeout_s=work.patience.finger_s, expected=expected):
        return NOBODY
    show(replace(screen, phase=FingerPhase.READING, hint=t("capture.hint.hold_still")))
    image = await work.finger_reader.capture(expected)
    if isinstance(image, OtherFinger):
        _note(work, "finger.other_than_asked", expected)
        reading = Reading(b"", 0, "capture.hint.other_finger", _NO_PREVIEW, is_other_finger=True)
    elif image is None:
        reading = Reading(b"", 0, "capture.hint.lifted", _NO_PREVIEW)
    else:
        reading = await _extract(work, image, screen.position)
    phase = FingerPhase.GOOD if reading.template else FingerPhase.TRY_AGAIN
    hint = None if reading.hint_key is None else t(reading.hint_key)
    show(replace(screen, phase=phase, quality=reading.quality, hint=hint, preview=reading.preview))
    return reading


async def _extract(work: Workplace, image: FingerImage, position: FingerPosition) -> Reading:
    found: FingerReading = await work.biometrics.extract(image, position)
    preview = RawPicture(image.pixels, image.width_px, image.height_px, "L")
    if found.is_repeated:
        # A picture played back, or a finger never lifted: nothing of it is used (F120).
        _note(work, "finger.same_picture", position)
        return Reading(b"", 0, "capture.hint.same_picture", preview, sensor=image.sensor)
    hint = next(iter(found.hint_keys), None)
    return Reading(found.template, found.quality, hint, preview, sensor=image.sensor)


def _note(work: Workplace, what: str, asked: FingerPosition) -> None:
    """Which finger was asked for; never whose."""
    now = work.store.clock.now()
    work.store.journal.note(AuditLine(at=now, what=what, subject=asked.name.lower(), operator=work.operator_id))


async def await_lifted(work: Workplace) -> None:
    """A finger left on the glass must not count as the next one."""
    await work.finger_reader.wait_for_no_finger(timeout_s=work.patience.lift_s)


_NO_PREVIEW = RawPicture(b"\xff", 1, 1, "L")
