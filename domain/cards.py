"""The life of a card, as a table. An event that does not fit raises and changes nothing."""

from __future__ import annotations

from enum import StrEnum

from domain.errors import ProjectError


class CardStatus(StrEnum):
    RESERVED = "reserved"
    PERSONALISING = "personalising"
    READ_BACK = "read_back"
    ACTIVE = "active"
    BLOCKED = "blocked"
    REPLACED = "replaced"
    EXPIRED = "expired"
    SCRAPPED = "scrapped"


class CardEvent(StrEnum):
    PACKAGE_GIVEN = "package_given"
    READ_BACK_PROVED = "read_back_proved"
    ACTIVATED = "activated"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    REPLACED = "replaced"
    EXPIRED = "expired"
    SPOILED = "spoiled"


_S, _E = CardStatus, CardEvent
CARD_LIFE: dict[tuple[CardStatus, CardEvent], CardStatus] = {
    (_S.RESERVED, _E.PACKAGE_GIVEN): _S.PERSONALISING,
    (_S.RESERVED, _E.SPOILED): _S.SCRAPPED,
    (_S.PERSONALISING, _E.PACKAGE_GIVEN): _S.PERSONALISING,
    (_S.PERSONALISING, _E.READ_BACK_PROVED): _S.READ_BACK,
    (_S.PERSONALISING, _E.SPOILED): _S.SCRAPPED,
    (_S.READ_BACK, _E.READ_BACK_PROVED): _S.READ_BACK,
    (_S.READ_BACK, _E.ACTIVATED): _S.ACTIVE,
    (_S.READ_BACK, _E.SPOILED): _S.SCRAPPED,
    (_S.ACTIVE, _E.BLOCKED): _S.BLOCKED,
    (_S.ACTIVE, _E.REPLACED): _S.REPLACED,
    (_S.ACTIVE, _E.EXPIRED): _S.EXPIRED,
    (_S.BLOCKED, _E.UNBLOCKED): _S.ACTIVE,
    (_S.BLOCKED, _E.REPLACED): _S.REPLACED,
    (_S.BLOCKED, _E.EXPIRED): _S.EXPIRED,
}


class CardLifeRefused(ProjectError):
    code = "card.life_refused"
    message_key = "error.card_life_refused"


def next_card_status(status: CardStatus, event: CardEvent) -> CardStatus:
    """The status after the event; raises CardLifeRefused when the event does not fit."""
    try:
        return CARD_LIFE[status, event]
    except KeyError:
        raise CardLifeRefused(f"{event} does not fit {status}", status=status, event=event) from None


class CardProfile(StrEnum):
    HOUSEHOLD = "household"
    OPERATOR = "operator"
    #: One member's own card, for work, training and a small enterprise. It draws nothing of the household's.
    WORKER = "worker"


#: Profiles that a beneficiary taps, the usual one first.
HOLDER_PROFILES = (CardProfile.HOUSEHOLD, CardProfile.WORKER)


class BlockReason(StrEnum):
    """Why a card must not be taken any more."""

    LOST = "lost"
    STOLEN = "stolen"
    BROKEN = "broken"
    #: The household parted: each part gets a card of its own.
    HOUSEHOLD_SPLIT = "household_split"


class SpoilReason(StrEnum):
    """Why plastic is thrown away."""

    PRINT_WRONG = "print_wrong"
    CHIP_DEAD = "chip_dead"
    DAMAGED = "damaged"
    #: Locked for somebody and never activated: it can be given to nobody else.
    NOT_COLLECTED = "not_collected"
