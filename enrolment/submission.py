"""The registration, sealed so that only the registry can open it: a stolen kiosk or outbox gives nobody away."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from domain.consent import ConsentPurpose
from domain.errors import ProjectError
from domain.ids import KioskId
from domain.messages.enrolment import HPKE_INFO_ENROLMENT, EnrolmentSubmission, SealedEnrolment
from domain.messages.fingers import HPKE_INFO_FINGERS, FingersRetaken, SealedFingers
from domain.people import check_household
from enrolment.session import EnrolmentDraft


class ConsentMissing(ProjectError):
    """Somebody's photograph or finger was taken without consent on record: nothing is sent."""

    code = "enrolment.consent_missing"
    message_key = "error.consent_missing"


def make_submission(
    draft: EnrolmentDraft, *, kiosk_id: KioskId, captured_at: datetime, on: date
) -> EnrolmentSubmission:
    """The whole registration. Raises HouseholdNotWhole or ConsentMissing."""
    household = draft.to_household()
    check_household(household.members, on=on)
    for capture in draft.captures:
        is_anything_taken = capture.portrait is not None or capture.fingers
        if is_anything_taken and not draft.has_consent(capture.person_id, ConsentPurpose.BIOMETRICS):
            raise ConsentMissing("a capture without consent")
    return EnrolmentSubmission(
        submission_id=draft.submission_id,
        kiosk_id=kiosk_id,
        operator_id=draft.operator_id,
        household=household,
        consents=draft.consents,
        captures=draft.captures,
        captured_at=captured_at,
        local_check=draft.local_check,
    )


def seal(submission: EnrolmentSubmission, enrolment_key: bytes) -> SealedEnrolment:
    """HPKE (RFC 9180) to the registry's X25519 key (32 bytes), bound to the submission's id."""
    plain = submission.model_dump_json().encode()
    return SealedEnrolment(
        submission_id=submission.submission_id,
        household_id=submission.household.id,
        sealed=_seal(plain, HPKE_INFO_ENROLMENT + submission.submission_id.encode(), enrolment_key),
        content_sha256=hashlib.sha256(plain).hexdigest(),
    )


def seal_fingers(retaken: FingersRetaken, enrolment_key: bytes) -> SealedFingers:
    """Fingers taken again, sealed to the same key and bound to their capture."""
    plain = retaken.model_dump_json().encode()
    return SealedFingers(
        capture_id=retaken.capture_id,
        person_id=retaken.capture.person_id,
        sealed=_seal(plain, HPKE_INFO_FINGERS + retaken.capture_id.encode(), enrolment_key),
        content_sha256=hashlib.sha256(plain).hexdigest(),
    )


def _seal(plain: bytes, info: bytes, public_key: bytes) -> bytes:
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
    return suite.encrypt(plain, X25519PublicKey.from_public_bytes(public_key), info)
