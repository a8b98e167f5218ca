"""A card on a reader, verified: the first step of every flow with a card."""

from __future__ import annotations

from card_service.connection import CardConnection
from card_service.errors import CardError, CardGone, CardSilent, NoCard, ReaderUnavailable
from card_service.verdicts import CheckReason
from card_service.verification import CardVerification, verify_card
from domain.cards import CardProfile
from domain.verification import Verdict
from kiosk.devices.card_reader import CardReader
from kiosk.devices.failure import DeviceFailed, FailureReason
from kiosk.flows.workplace import Workplace
from kiosk.store.audit_log import AuditLine


async def open_card(work: Workplace, reader: CardReader, profile: CardProfile) -> CardVerification:
    """The verdict; after VERIFIED the card stays open until ``reader.release``. Raises DeviceFailed for the reader."""
    bundles = work.store.bundles
    anchors, revoked, today = bundles.anchors, bundles.revoked, work.store.clock.today()

    def verify(connection: CardConnection) -> CardVerification:
        return verify_card(connection, anchors, on=today, revoked=revoked, profile=profile)

    try:
        return await reader.keep(verify)
    except (NoCard, CardGone):
        return _not_checked(CheckReason.CARD_REMOVED)
    except CardSilent:
        return _not_checked(CheckReason.CARD_SILENT)
    except ReaderUnavailable as error:
        raise DeviceFailed(reader.device, FailureReason.UNPLUGGED) from error
    except CardError:
        return _not_checked(CheckReason.UNREADABLE)


def _not_checked(reason: CheckReason) -> CardVerification:
    return CardVerification(Verdict.COULD_NOT_CHECK, reason)


def note_reading(work: Workplace, what: str, subject: str) -> None:
    """The audit line that every reading of a portrait or template leaves."""
    line = AuditLine(at=work.store.clock.now(), what=what, subject=subject, operator=work.operator_id)
    work.store.journal.note(line)
