"""What a submission must hold before a household is registered from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from biometrics.errors import BiometricsError
from biometrics.iso19794 import decode_record
from biometrics.template import Template
from domain.consent import ConsentPurpose
from domain.errors import ProjectError
from domain.ids import AreaCode
from domain.messages.enrolment import EnrolmentSubmission, PersonCapture
from domain.people import HouseholdNotWhole, check_household

MAX_PORTRAIT_BYTES = 20_000


class EnrolmentRefused(ProjectError):
    """The submission can not become a registration; ``reason`` is a stable code that the kiosk shows."""

    code = "enrolment.refused"
    message_key = "error.enrolment_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(reason, reason=reason)
        self.reason = reason


def check_submission(submission: EnrolmentSubmission, knows_area: Callable[[AreaCode], bool], *, on: date) -> None:
    """Raises EnrolmentRefused for a household that is none, an unknown place, or a capture without consent."""
    try:
        check_household(submission.household.members, on=on)
    except HouseholdNotWhole as error:
        raise EnrolmentRefused(error.problem) from error
    if not knows_area(submission.household.area):
        raise EnrolmentRefused("enrolment.area_unknown")
    members = {member.person.id for member in submission.household.members}
    captured = [capture.person_id for capture in submission.captures]
    if len(set(captured)) != len(captured) or not set(captured) <= members:
        raise EnrolmentRefused("enrolment.capture_of_stranger")
    consenting = {c.person_id for c in submission.consents if c.purpose is ConsentPurpose.BIOMETRICS}
    for capture in submission.captures:
        check_capture(capture, has_consent=capture.person_id in consenting)


def check_capture(capture: PersonCapture, *, has_consent: bool) -> None:
    """Raises EnrolmentRefused for a capture without consent, pictures that are too large, or a finger given twice."""
    if not (capture.portrait or capture.fingers or capture.exception_photo):
        return
    if not has_consent:
        raise EnrolmentRefused("enrolment.consent_missing")
    if capture.portrait is not None and len(capture.portrait) > MAX_PORTRAIT_BYTES:
        raise EnrolmentRefused("enrolment.portrait_too_large")
    if capture.exception_photo is not None and len(capture.exception_photo) > MAX_PORTRAIT_BYTES:
        raise EnrolmentRefused("enrolment.hands_too_large")
    positions = [finger.position for finger in capture.fingers]
    if len(set(positions)) != len(positions):
        raise EnrolmentRefused("enrolment.finger_twice")


def decode_fingers(capture: PersonCapture) -> list[Template]:
    """Every template of the capture; EnrolmentRefused when one is no ISO/IEC 19794-2 record."""
    templates: list[Template] = []
    for finger in capture.fingers:
        try:
            templates += decode_record(finger.template)
        except BiometricsError as error:
            raise EnrolmentRefused("enrolment.template_malformed") from error
    return templates
