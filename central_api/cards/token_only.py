"""Token-only mode: once a card is active, the fingers of its members are on the card and nowhere else.

What can no longer be done is said, not hidden: a duplicate search and a search for a lost card's holder count the
people whom they could not look at.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, func, insert, select, update

from central_api.cards.notes import note_card
from central_api.cards.repository import CardRow
from central_api.context import Registry
from central_api.households.repository import find_household
from central_api.journal.transaction import Transaction
from central_api.tables.cards import token_only_people
from central_api.tables.people import submissions, templates
from domain.cards import CardProfile
from domain.ids import HouseholdId, PersonId
from domain.messages.enrolment import EnrolmentStatus

#: In place of a sealed registration whose work is done.
_ERASED = b""


def forget_fingers(transaction: Transaction, card: CardRow, registry: Registry) -> int:
    """How many fingers were erased: those of everybody on the card that has just become active.

    A household is registered only after its duplicate search, and a card made only for a registered household.
    """
    if not registry.settings.is_token_only or card.profile is not CardProfile.HOUSEHOLD or card.household_id is None:
        return 0
    household = find_household(transaction.connection, card.household_id)
    assert household is not None, "a card has its household"
    erased = _erase_templates(transaction, [member.person.id for member in household.members])
    _erase_submission(transaction.connection, household.id)
    note_card(transaction, card.number, "registry", "fingers.erased", count=erased)
    return erased


def scrub_files(registry: Registry) -> None:
    """Takes what was erased out of SQLite's write-ahead log too.

    On PostgreSQL erased rows lie in the tables until VACUUM, and in archived logs as long as those are kept.
    """
    if not registry.settings.is_token_only or not registry.database.is_sqlite:
        return
    # Outside of any transaction: inside one there is no checkpoint.
    connection = registry.database.engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def count_token_only(connection: Connection) -> int:
    """People whom no search by finger can find."""
    return connection.execute(select(func.count()).select_from(token_only_people)).scalar_one()


def _erase_templates(transaction: Transaction, people: Iterable[PersonId]) -> int:
    connection, erased = transaction.connection, 0
    for person_id in people:
        count = connection.execute(delete(templates).where(templates.c.person_id == person_id)).rowcount
        known = connection.execute(
            select(token_only_people.c.person_id).where(token_only_people.c.person_id == person_id)
        ).first()
        if count and known is None:
            connection.execute(insert(token_only_people).values(person_id=person_id, erased_at=transaction.now))
        erased += count
    return erased


def _erase_submission(connection: Connection, household_id: HouseholdId) -> None:
    """The registration as it was sent holds the fingers too."""
    is_done = (submissions.c.household_id == household_id) & (submissions.c.status == EnrolmentStatus.REGISTERED)
    connection.execute(update(submissions).where(is_done).values(sealed=_ERASED))
