"""From a decided submission to registered people: the household, its persons, their consents and biometrics."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from central_api.duplicates.names import name_key
from central_api.fingers.exceptions import Occasion, keep_exceptions
from central_api.households import biometrics_repository as biometrics
from central_api.households import repository as households
from central_api.households.biometrics_repository import SealedFinger
from central_api.journal.transaction import Transaction
from central_api.vault import Vault, portrait_place, template_place
from domain.ids import HouseholdId, PersonId
from domain.messages.enrolment import EnrolmentSubmission, PersonCapture
from domain.people import Member, Relationship


def register_household(
    transaction: Transaction,
    submission: EnrolmentSubmission,
    same: Mapping[PersonId, PersonId],
    vault: Vault,
) -> None:
    """Writes the household. ``same`` names captured persons who are already known: they are linked, not made twice."""
    connection, now = transaction.connection, transaction.now
    household = submission.household
    households.add_household(connection, household, now)
    # The head first: on the card the holder is member 1.
    ordered = sorted(household.members, key=lambda member: member.relationship is not Relationship.HEAD)
    for position, member in enumerate(ordered):
        known = same.get(member.person.id)
        if known is None:
            households.add_person(connection, member.person, name_key(member.person.name))
        else:
            _link(transaction, submission, member, known)
        person_id = known or member.person.id
        households.add_membership(connection, household.id, person_id, member.relationship, position, now)
    households.add_consents(connection, submission.submission_id, submission.consents)
    born = {member.person.id: member.person.born for member in household.members}
    occasion = Occasion(
        submission.submission_id, min(submission.captured_at, now), submission.kiosk_id, submission.operator_id
    )
    for capture in submission.captures:
        if capture.person_id not in same:
            _keep_biometrics(connection, capture, vault)
        person_id = same.get(capture.person_id, capture.person_id)
        keep_exceptions(transaction, capture, person_id, born[capture.person_id], occasion, vault)


def _link(transaction: Transaction, submission: EnrolmentSubmission, member: Member, known: PersonId) -> None:
    households.add_person_link(
        transaction.connection, member.person.id, known, submission.submission_id, is_primary=False
    )


def _keep_biometrics(connection: Connection, capture: PersonCapture, vault: Vault) -> None:
    if capture.portrait is not None:
        sealed = vault.seal(capture.portrait, portrait_place(capture.person_id))
        biometrics.add_portrait(connection, capture.person_id, sealed)
    for finger in capture.fingers:
        sealed = vault.seal(finger.template, template_place(capture.person_id, finger.position))
        biometrics.add_finger(connection, SealedFinger.of(capture.person_id, finger, sealed))


def find_collision(connection: Connection, submission: EnrolmentSubmission) -> str | None:
    """Why this household can not be added beside what is registered: its id or a person's is taken."""
    if households.has_household(connection, HouseholdId(submission.household.id)):
        return "enrolment.household_known"
    ids = [member.person.id for member in submission.household.members]
    if households.list_known_persons(connection, ids):
        return "enrolment.person_known"
    return None
