"""Opening what a kiosk sealed (HPKE, RFC 9180; domain/messages/enrolment.py)."""

from __future__ import annotations

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from pydantic import ValidationError

from domain.errors import ProjectError
from domain.ids import SubmissionId
from domain.messages.enrolment import HPKE_INFO_ENROLMENT, EnrolmentSubmission, SealedEnrolment


class SubmissionUnreadable(ProjectError):
    """The sealed submission does not open, is not what its hash says, or is no submission."""

    code = "enrolment.unreadable"
    message_key = "error.enrolment_unreadable"


def enrolment_suite() -> Suite:
    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)


def open_submission(envelope: SealedEnrolment, private_key: X25519PrivateKey) -> EnrolmentSubmission:
    """The submission; SubmissionUnreadable unless key, purpose, id, hash and form are all right."""
    plain = open_bytes(envelope.submission_id, envelope.sealed, private_key)
    if not hmac.compare_digest(hashlib.sha256(plain).hexdigest(), envelope.content_sha256):
        raise SubmissionUnreadable("the content is not what its hash says")
    submission = _parse(plain)
    same = submission.submission_id == envelope.submission_id
    if not same or submission.household.id != envelope.household_id:
        raise SubmissionUnreadable("envelope and content name different things")
    return submission


def reopen_submission(submission_id: SubmissionId, sealed: bytes, private_key: X25519PrivateKey) -> EnrolmentSubmission:
    """A submission that was opened and checked before, and kept sealed since."""
    return _parse(open_bytes(submission_id, sealed, private_key))


def open_bytes(submission_id: SubmissionId, sealed: bytes, private_key: X25519PrivateKey) -> bytes:
    """What was sealed for this submission id; SubmissionUnreadable when it does not open."""
    return open_sealed(HPKE_INFO_ENROLMENT + submission_id.encode(), sealed, private_key)


def open_sealed(info: bytes, sealed: bytes, private_key: X25519PrivateKey) -> bytes:
    """What a kiosk sealed for that purpose and id; SubmissionUnreadable when it does not open."""
    try:
        return enrolment_suite().decrypt(sealed, private_key, info)
    except (InvalidTag, ValueError) as error:
        raise SubmissionUnreadable("the seal does not open") from error


def _parse(plain: bytes) -> EnrolmentSubmission:
    try:
        return EnrolmentSubmission.model_validate_json(plain)
    except ValidationError:
        # Without the cause: its text quotes names and templates.
        raise SubmissionUnreadable("not a submission") from None
