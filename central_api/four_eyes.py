"""Four eyes at the registry: operators are people too, with households of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from central_api.households.repository import find_household
from central_api.operators.repository import find_person_of
from central_api.tables.people import submissions
from domain.deliveries import BenefitDelivery
from domain.four_eyes import Act, Part, check_four_eyes
from domain.ids import HouseholdId, OperatorId, PersonId
from domain.messages.enrolment import EnrolmentStatus
from domain.verification import VerifiedBy

_ANSWERED_FOR = (VerifiedBy.FACE_AND_OFFICER, VerifiedBy.SUPERVISOR)


def list_people(connection: Connection, household_id: HouseholdId | None) -> Sequence[PersonId]:
    """Who belongs to the household."""
    household = None if household_id is None else find_household(connection, household_id)
    return [] if household is None else [member.person.id for member in household.members]


def check_exception(connection: Connection, delivery: BenefitDelivery, household_id: HouseholdId) -> None:
    """Whoever answered for somebody without a finger is not of that household. Raises SamePersonTwice."""
    if delivery.verified_by not in _ANSWERED_FOR:
        return
    approver = find_person_of(connection, delivery.operator_id)
    people: Mapping[Part, Sequence[PersonId | None]] = {
        Part.RECEIVER: list_people(connection, household_id),
        Part.APPROVER: [approver],
    }
    check_four_eyes(Act.EXCEPTION, people)


def check_issue(
    connection: Connection,
    *,
    officer: OperatorId,
    household_id: HouseholdId | None,
    holder: PersonId | None,
    has_two_officers: bool,
) -> None:
    """Whoever countersigns is not one of those the card is for; with two officers, nor the one who registered them.

    Raises SamePersonTwice.
    """
    makers = _list_makers(connection, household_id) if has_two_officers else []
    people: Mapping[Part, Sequence[PersonId | None]] = {
        Part.RECEIVER: [*list_people(connection, household_id), holder],
        Part.MAKER: [find_person_of(connection, each) for each in makers],
        Part.APPROVER: [find_person_of(connection, officer)],
    }
    check_four_eyes(Act.ISSUE, people, has_two_officers_on_issue=has_two_officers)


def _list_makers(connection: Connection, household_id: HouseholdId | None) -> list[OperatorId]:
    query = select(submissions.c.operator_id).where(
        submissions.c.household_id == household_id, submissions.c.status == EnrolmentStatus.REGISTERED
    )
    return [OperatorId(each) for each in connection.execute(query).scalars()]


def check_override(
    connection: Connection, *, decider: OperatorId | None, maker: OperatorId, concerned: Sequence[PersonId]
) -> None:
    """Whoever decides against the fingers neither captured them nor is concerned. Raises SamePersonTwice."""
    people: Mapping[Part, Sequence[PersonId | None]] = {
        Part.RECEIVER: concerned,
        Part.MAKER: [find_person_of(connection, maker)],
        Part.APPROVER: [find_person_of(connection, decider)],
    }
    check_four_eyes(Act.OVERRIDE, people)


def check_unblocking(connection: Connection, officer: OperatorId | None, household_id: HouseholdId | None) -> None:
    """Nobody gives a blocked card back to their own household. Raises SamePersonTwice."""
    people: Mapping[Part, Sequence[PersonId | None]] = {
        Part.RECEIVER: list_people(connection, household_id),
        Part.APPROVER: [find_person_of(connection, officer)],
    }
    check_four_eyes(Act.EXCEPTION, people)
