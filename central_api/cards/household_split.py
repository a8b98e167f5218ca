"""A household parts: some members become a household of their own; every old card is refused, both get new ones."""

from __future__ import annotations

from sqlalchemy import insert, select, update

from central_api.access.repository import KnownKiosk
from central_api.cards import repository, shares_repository
from central_api.cards.balance import list_household_cards
from central_api.cards.notes import note_card, tell_kiosks
from central_api.cards.repository import IN_FORCE
from central_api.database import take_turns
from central_api.entitlements import repository as entitlements
from central_api.entitlements.service import grant_pending
from central_api.errors import MalformedRequest, NotFound
from central_api.households.repository import add_membership, find_household, has_household
from central_api.journal.transaction import Transaction
from central_api.operators.repository import find_operator
from central_api.tables.people import households, memberships
from domain.cards import BlockReason, CardStatus
from domain.ids import HouseholdId
from domain.messages.card_services import HouseholdSplit
from domain.people import Household, Relationship


def split_household(transaction: Transaction, split: HouseholdSplit, kiosk: KnownKiosk) -> None:
    """Raises NotFound, MalformedRequest. Done once: the same split again changes nothing."""
    connection = transaction.connection
    take_turns(connection, "registration")
    take_turns(connection, "cards")
    operator = find_operator(connection, split.operator_id)
    if operator is None or not operator.is_active:
        raise NotFound("operator")
    if has_household(connection, split.new_household_id):
        return
    household = find_household(connection, split.household_id)
    if household is None:
        raise NotFound("household")
    _check(split, household)
    _move_members(transaction, split, household)
    _refuse_cards(transaction, household.id)
    _share_programmes(transaction, split)
    note_card(transaction, None, kiosk.id, "household.split", operator_id=split.operator_id, leaving=len(split.leaving))


def _check(split: HouseholdSplit, household: Household) -> None:
    leaving, members = set(split.leaving), {member.person.id for member in household.members}
    if not leaving or not leaving < members or split.new_head not in leaving:
        raise MalformedRequest("some members leave, some stay, and one who leaves is the new head")
    if household.head.person.id in leaving:
        raise MalformedRequest("the head stays; who leaves has a head of their own")


def _move_members(transaction: Transaction, split: HouseholdSplit, household: Household) -> None:
    connection, now = transaction.connection, transaction.now
    row = connection.execute(select(households).where(households.c.id == household.id)).one()
    values = {**row._mapping, "id": split.new_household_id, "registered_at": now}
    connection.execute(insert(households).values(values))
    ordered = sorted(household.members, key=lambda member: member.person.id != split.new_head)
    leaving = [member for member in ordered if member.person.id in split.leaving]
    for position, member in enumerate(leaving):
        person_id = member.person.id
        is_it = (memberships.c.household_id == household.id) & (memberships.c.person_id == person_id)
        connection.execute(update(memberships).where(is_it).values(left_at=now))
        relationship = Relationship.HEAD if person_id == split.new_head else Relationship.OTHER_RELATIVE
        add_membership(connection, split.new_household_id, person_id, relationship, position, now)


def _refuse_cards(transaction: Transaction, household_id: HouseholdId) -> None:
    """Not to be unblocked: they name people who are no longer one household."""
    connection = transaction.connection
    for card in list_household_cards(connection, household_id):
        if card.status in IN_FORCE:
            repository.put_status(connection, card.number, CardStatus.REPLACED, transaction.now)
            repository.put_block_reason(connection, card.number, BlockReason.HOUSEHOLD_SPLIT)
            note_card(transaction, card.number, "registry", "card.replaced")
            tell_kiosks(transaction, card.number, CardStatus.REPLACED)
    shares_repository.put_shares(connection, household_id, [], transaction.now)


def _share_programmes(transaction: Transaction, split: HouseholdSplit) -> None:
    """Both are screened as they are now. What was drawn together counts against both: no period is paid twice."""
    connection, today = transaction.connection, transaction.now.date()
    for programme in entitlements.list_choices(connection, split.household_id):
        entitlements.add_choice(connection, split.new_household_id, programme, transaction.now)
    grant_pending(transaction, split.household_id)
    grant_pending(transaction, split.new_household_id)
    for granted in entitlements.list_entitlements(connection, split.new_household_id, on=today):
        before = entitlements.lock_drawing(connection, split.household_id, *granted.key)
        if before is not None and before.drawn:
            drawn = min(granted.units, before.drawn)
            entitlements.put_drawn(connection, split.new_household_id, *granted.key, drawn)
