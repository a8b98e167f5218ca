"""What can stop a conversation with a card; expected outcomes are verdicts (verdicts.py), not errors."""

from __future__ import annotations

from domain.errors import ProjectError


class CardError(ProjectError):
    """Root of every error of a card or of its reader."""

    code = "card.error"
    message_key = "error.card_unreadable"


class CardGone(CardError):
    """The connection broke: whether the last command was carried out is unknown."""

    code = "card.gone"
    message_key = "error.card_gone"


class CardSilent(CardError):
    """The card used up the time a session may take; whether the last command was carried out is unknown."""

    code = "card.silent"
    message_key = "error.card_silent"


class CardChanged(CardError):
    """Another card is on the reader than the one this step began with; nothing was written to it."""

    code = "card.changed"
    message_key = "error.card_changed"


class CardMisbehaved(CardError):
    """The answer breaks the rules of docs/card-commands.md, or is larger than a card may answer."""

    code = "card.misbehaved"
    message_key = "error.card_unreadable"


class ChannelBroken(CardMisbehaved):
    """Secure messaging failed: the answer was not protected, or its checksum was wrong."""

    code = "card.channel_broken"
    message_key = "error.card_unreadable"


class CardRefused(CardError):
    """The card answered with a status word that ends this step. ``sw`` is the status word, ``ins`` the command."""

    code = "card.refused"
    message_key = "error.card_refused"

    def __init__(self, sw: int, ins: int) -> None:
        super().__init__(f"The card answered {sw:04X} to command {ins:02X}", sw=f"{sw:04X}")
        self.sw = sw
        self.ins = ins


class WrongCan(CardError):
    """The card does not open with this card access number."""

    code = "card.wrong_can"
    message_key = "error.card_wrong_can"


class CanNeeded(CardError):
    """The card access number printed on the card must be typed or scanned: the reader is contactless."""

    code = "card.can_needed"
    message_key = "error.card_can_needed"


class ChipNotGenuine(CardError):
    """The chip does not hold the key that its signed data name: a copy."""

    code = "card.not_genuine"
    message_key = "error.card_not_genuine"


class TerminalRefused(CardError):
    """The card does not accept this terminal's certificates, or they do not grant the right."""

    code = "card.terminal_refused"
    message_key = "error.terminal_refused"


class WrongChip(CardError):
    """The chip on the reader is not the one the data were made for, or not in the state this step needs."""

    code = "card.wrong_chip"
    message_key = "error.card_wrong_chip"


class ReadBackDiffers(CardError):
    """A file read back from the new card is not what was written."""

    code = "card.read_back_differs"
    message_key = "error.card_read_back"


class ReaderUnavailable(CardError):
    """No such reader, no reader service, or another program holds the reader."""

    code = "card.reader_unavailable"
    message_key = "error.reader_unavailable"


class ReaderTaken(ReaderUnavailable):
    """Another program has the reader for itself; it must be ended, or kept away from this reader."""

    code = "card.reader_taken"
    message_key = "error.reader_taken"


class NoCard(CardError):
    """No card is on the reader."""

    code = "card.none"
    message_key = "error.no_card"
