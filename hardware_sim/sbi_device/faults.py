"""How a scanner, its service, or somebody between it and the kiosk misbehaves."""

from __future__ import annotations

from enum import Enum


class SbiFault(Enum):
    NONE = "none"
    UNSIGNED = "unsigned"
    ALG_NONE = "alg_none"
    WRONG_SIGNATURE = "wrong_signature"
    OTHER_KEY = "other_key"
    """Signed well, by a device of a maker that nobody knows."""
    EXPIRED_KEY = "expired_key"
    OLD_TIME = "old_time"
    WRONG_TRANSACTION = "wrong_transaction"
    WRONG_ENVIRONMENT = "wrong_environment"
    WRONG_PURPOSE = "wrong_purpose"
    OTHER_DEVICE = "other_device"
    """The data of one trusted device with the digital id of another."""
    BROKEN_CHAIN = "broken_chain"
    REPLAY = "replay"
    """The answer to an earlier request, whole and well signed."""
    SAME_IMAGE = "same_image"
    """A recording inside the device: fresh signatures over the picture of before, finger or none."""
    WRONG_FINGER = "wrong_finger"
    CHANGED_PIXELS = "changed_pixels"
    MALFORMED_RECORD = "malformed_record"
    LOW_QUALITY = "low_quality"
    SILENT = "silent"
    BUSY = "busy"
    NOT_READY = "not_ready"
    TAMPERED = "tampered"
    HALF_ANSWER = "half_answer"
    NOT_JSON = "not_json"
    ERROR_PAGE = "error_page"
