"""A lost card, a second card, a newer statement: what kiosk and registry say to each other about cards in force."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from domain.card_number import CardNumber
from domain.cards import CardProfile, CardStatus
from domain.ids import HouseholdId, OperatorId, PersonId
from domain.people import PersonName
from domain.record import Record

#: HPKE info; the search's id follows, so that a sealed finger fits its own search only.
HPKE_INFO_HOLDER_SEARCH = b"single-window holder search v1 "
#: More people than an officer can compare with the one at the desk help nobody.
MAX_HOLDERS = 5


class HolderSearch(Record):
    """Who is this? By a finger (ISO/IEC 19794-2, sealed to the registry), by a card number, or by name."""

    search_id: str
    operator_id: OperatorId
    sealed_finger: bytes | None = Field(default=None, repr=False)
    card_number: CardNumber | None = None
    #: In Latin letters; found by sound, among people of the kiosk's district born about then.
    name: str | None = Field(default=None, repr=False)
    birth_year: int | None = None


class CardInForce(Record):
    card_number: CardNumber
    profile: CardProfile
    status: CardStatus
    valid_until: date
    #: Whose own card it is; None for a household's.
    person_id: PersonId | None


class MemberFound(Record):
    person_id: PersonId
    name: PersonName
    birth_year: int


class HolderFound(Record):
    """A person, the household and its cards. ``portrait`` (JPEG) lets the officer look before anything is done."""

    household_id: HouseholdId
    person_id: PersonId
    name: PersonName
    birth_year: int
    portrait: bytes | None = Field(default=None, repr=False)
    #: All of the household, the head first.
    members: tuple[MemberFound, ...]
    cards: tuple[CardInForce, ...]


class HolderSearchAnswer(Record):
    found: tuple[HolderFound, ...]
    #: People whose fingers are on their cards only (token-only mode): no search can find them by finger.
    unsearchable: int = 0


class ShareRequest(Record):
    """One balance, two cards: ``kept`` parts stay on this card, ``given`` are set aside for one beside it.

    ``given`` 0 takes the whole balance back to this card, once the other one is blocked.
    """

    card_number: CardNumber
    kept: int = Field(ge=1, le=100)
    given: int = Field(ge=0, le=100)
    operator_id: OperatorId


class StatementOffer(Record):
    """The newest statement for a card; ``slot`` (data of PUT DATA 0201) is None when the card's is the newest."""

    card_number: CardNumber
    version: int
    slot: bytes | None


class OfficeStatements(Record):
    """Statements not yet on their cards, for desks that meet these cards offline. Ask again after ``cursor``."""

    offers: tuple[StatementOffer, ...]
    cursor: int


class HouseholdSplit(Record):
    """Some members leave and are a household of their own: both get new cards, the old ones are refused."""

    household_id: HouseholdId
    new_household_id: HouseholdId
    leaving: tuple[PersonId, ...]
    #: Head of the new household, one of those leaving.
    new_head: PersonId
    operator_id: OperatorId
