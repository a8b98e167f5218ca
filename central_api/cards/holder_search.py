"""Who is this, and which cards are theirs? For somebody whose card is lost: by finger, by number, or by name and face.

Every person shown leaves a line in the access log.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from biometrics.errors import BiometricsError
from biometrics.iso19794 import decode_record
from biometrics.template import Template
from central_api.access.repository import KnownKiosk
from central_api.cards import repository
from central_api.cards.repository import IN_FORCE
from central_api.cards.token_only import count_token_only
from central_api.context import Registry
from central_api.duplicates import repository as people
from central_api.duplicates.names import likeness, name_key
from central_api.duplicates.service import LIKE_NAMES
from central_api.enrolments.sealed_submission import enrolment_suite
from central_api.errors import MalformedRequest, NotFound
from central_api.households.repository import find_first_household_of, find_household
from central_api.households.service import PurposeOfReading, note_reading, read_portrait
from central_api.journal.transaction import Transaction
from central_api.operators.repository import find_operator
from domain.ids import PersonId
from domain.messages.card_services import (
    HPKE_INFO_HOLDER_SEARCH,
    MAX_HOLDERS,
    CardInForce,
    HolderFound,
    HolderSearch,
    HolderSearchAnswer,
    MemberFound,
)
from domain.people import Household, PersonName, Sex

_YEARS_APART = 6


def search_holder(
    transaction: Transaction, search: HolderSearch, kiosk: KnownKiosk, registry: Registry
) -> HolderSearchAnswer:
    """The people found, the likeliest first. Raises NotFound (unknown operator), MalformedRequest."""
    operator = find_operator(transaction.connection, search.operator_id)
    if operator is None or not operator.is_active:
        raise NotFound("operator")
    ids = _find(transaction, search, kiosk, registry)[:MAX_HOLDERS]
    found = [_describe(transaction, person_id, kiosk, registry) for person_id in ids]
    unsearchable = 0 if search.sealed_finger is None else count_token_only(transaction.connection)
    return HolderSearchAnswer(found=tuple(each for each in found if each is not None), unsearchable=unsearchable)


def _find(transaction: Transaction, search: HolderSearch, kiosk: KnownKiosk, registry: Registry) -> list[PersonId]:
    if search.sealed_finger is not None:
        return _find_by_finger(transaction, search, registry)
    if search.card_number is not None:
        return _find_by_card(transaction, search)
    if search.name and search.birth_year is not None:
        return _find_by_name(transaction, search.name, search.birth_year, kiosk)
    raise MalformedRequest("a search names a finger, a card, or a name and a year of birth")


def _find_by_finger(transaction: Transaction, search: HolderSearch, registry: Registry) -> list[PersonId]:
    probes = _open_finger(search, registry.enrolment_key)
    registry.fingers.refresh(transaction.connection, registry.vault)
    matches = registry.fingers.search(probes)
    return sorted(matches, key=lambda person_id: (-matches[person_id], person_id))


def _open_finger(search: HolderSearch, key: X25519PrivateKey) -> list[Template]:
    assert search.sealed_finger is not None
    info = HPKE_INFO_HOLDER_SEARCH + search.search_id.encode()
    try:
        return list(decode_record(enrolment_suite().decrypt(search.sealed_finger, key, info)))
    except (InvalidTag, ValueError, BiometricsError):
        # Without the cause: it may quote the template.
        raise MalformedRequest("the sealed finger does not open") from None


def _find_by_card(transaction: Transaction, search: HolderSearch) -> list[PersonId]:
    assert search.card_number is not None
    card = repository.find_card(transaction.connection, search.card_number)
    if card is None or card.household_id is None:
        return []
    if card.person_id is not None:
        return [card.person_id]
    household = find_household(transaction.connection, card.household_id)
    return [] if household is None else [household.head.person.id]


def _find_by_name(transaction: Transaction, name: str, year: int, kiosk: KnownKiosk) -> list[PersonId]:
    connection = transaction.connection
    key = name_key(PersonName(latin=name, local=name))
    districts = people.district_of(connection)
    near = people.list_born_about(connection, year - _YEARS_APART, year + _YEARS_APART, list(Sex))
    alike = {
        each.id: likeness(key, name, each.name_key, each.name.local)
        for each in near
        if districts.get(each.area) == districts.get(kiosk.area, kiosk.area) or each.area == kiosk.area
    }
    close = [person_id for person_id, score in alike.items() if score >= LIKE_NAMES]
    return sorted(close, key=lambda person_id: -alike[person_id])


def _describe(
    transaction: Transaction, person_id: PersonId, kiosk: KnownKiosk, registry: Registry
) -> HolderFound | None:
    connection = transaction.connection
    household_id = find_first_household_of(connection, person_id)
    household = None if household_id is None else find_household(connection, household_id)
    member = None if household is None else _member(household, person_id)
    if household is None or member is None:
        return None
    note_reading(transaction, f"person:{person_id}", PurposeOfReading.ISSUE_CARD, kiosk.id, "holder.found")
    cards = repository.list_cards_of(connection, household.id, None)
    return HolderFound(
        household_id=household.id,
        person_id=person_id,
        name=member.name,
        birth_year=member.birth_year,
        portrait=read_portrait(transaction, registry.vault, person_id, PurposeOfReading.ISSUE_CARD, kiosk.id),
        members=tuple(_members(household)),
        cards=tuple(
            CardInForce(
                card_number=card.number,
                profile=card.profile,
                status=card.status,
                valid_until=card.valid_until,
                person_id=card.person_id,
            )
            for card in cards
            if card.status in IN_FORCE
        ),
    )


def _members(household: Household) -> list[MemberFound]:
    head = household.head.person.id
    ordered = sorted(household.members, key=lambda each: each.person.id != head)
    return [
        MemberFound(person_id=each.person.id, name=each.person.name, birth_year=each.person.born.on.year)
        for each in ordered
    ]


def _member(household: Household, person_id: PersonId) -> MemberFound | None:
    return next((each for each in _members(household) if each.person_id == person_id), None)
