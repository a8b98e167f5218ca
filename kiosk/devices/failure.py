"""How a device fails, said so that a screen can name it and offer a way on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.errors import ProjectError


class DeviceName(StrEnum):
    CARD_READER = "card_reader"
    OFFICER_READER = "officer_reader"
    FINGERPRINT = "fingerprint"
    CAMERA = "camera"
    FACES = "faces"
    BIOMETRICS = "biometrics"
    RECEIPT_PRINTER = "receipt_printer"
    CARD_PRINTER = "card_printer"


class FailureReason(StrEnum):
    """Why; each has a sentence ``device.reason.<value>`` that says what to do."""

    #: No answer before the deadline: the process was ended and started anew.
    SILENT = "silent"
    #: The process ended by itself.
    CRASHED = "crashed"
    UNPLUGGED = "unplugged"
    #: It answers what cannot be trusted.
    GARBAGE = "garbage"
    #: The software for it is not installed.
    DRIVER_MISSING = "driver_missing"
    #: It answers well-formed things without a proof that they are its own.
    UNTRUSTED = "untrusted"
    #: The very same picture came twice: a recording, or a finger that was never lifted.
    SAME_IMAGE = "same_image"
    #: Another program has it.
    BUSY = "busy"
    #: It is there and says no (out of paper, busy with another program).
    REFUSED = "refused"
    #: The face model's file is not where the desk's file says.
    MODEL_MISSING = "model_missing"
    #: The face model's file is another one than the programme approved.
    MODEL_NOT_APPROVED = "model_not_approved"
    #: The approved file is no face model.
    MODEL_UNUSABLE = "model_unusable"
    #: This desk has none.
    NOT_CONFIGURED = "not_configured"


class DeviceFailed(ProjectError):
    """A device did not do its work. Never the person's fault; the screen offers to try again and another way."""

    code = "device.failed"
    message_key = "device.failed"

    def __init__(self, device: DeviceName, reason: FailureReason) -> None:
        super().__init__(f"{device} failed: {reason}", device=str(device), reason=str(reason))
        self.device = device
        self.reason = reason


class WorkerAnswer(ProjectError):
    """The device process answered with an error of its own: ``answered_code`` is the ProjectError code it raised."""

    code = "device.answered_error"
    message_key = "error.device"

    def __init__(self, answered_code: str, params: dict[str, str | int]) -> None:
        super().__init__(f"the device process answered {answered_code}", **params)
        self.answered_code = answered_code


@dataclass(frozen=True, slots=True)
class Health:
    """How a device was when last asked."""

    device: DeviceName
    is_working: bool
    reason: FailureReason | None = None


#: Codes that drivers answer with, and what they mean for the screen.
REASON_OF_CODE: dict[str, FailureReason] = {
    "sensor.silent": FailureReason.SILENT,
    "sensor.unplugged": FailureReason.UNPLUGGED,
    "sensor.garbage": FailureReason.GARBAGE,
    "sensor.driver_missing": FailureReason.DRIVER_MISSING,
    "sensor.untrusted": FailureReason.UNTRUSTED,
    "sensor.same_image": FailureReason.SAME_IMAGE,
    "sensor.busy": FailureReason.BUSY,
    "camera.silent": FailureReason.SILENT,
    "camera.unplugged": FailureReason.UNPLUGGED,
    "face_model.missing": FailureReason.MODEL_MISSING,
    "face_model.not_approved": FailureReason.MODEL_NOT_APPROVED,
    "face_model.unusable": FailureReason.MODEL_UNUSABLE,
    "card.reader_unavailable": FailureReason.UNPLUGGED,
    "card.reader_taken": FailureReason.REFUSED,
    "printer.unreachable": FailureReason.UNPLUGGED,
    "printer.not_ready": FailureReason.REFUSED,
    "printer.refused": FailureReason.REFUSED,
    "device.crashed": FailureReason.CRASHED,
}
