"""Why a card is not issued or not activated."""

from __future__ import annotations

from http import HTTPStatus

from central_api.errors import Conflict, RequestRefused


class OrderDiffers(Conflict):
    """This order id was used with other content: for another chip, household or kiosk."""

    code = "card.order_differs"
    message_key = "error.card_order_differs"


class CardFinished(Conflict):
    """The card of this order is finished or scrapped: its data are given no more."""

    code = "card.finished"
    message_key = "error.card_finished"


class HolderHasCard(Conflict):
    """The holder has a card in force: the order must say that this one replaces it or stands beside it."""

    code = "card.holder_has_card"
    message_key = "error.card_holder_has_card"


class NothingToReplace(Conflict):
    """The card to be replaced is not in force, or not this holder's."""

    code = "card.nothing_to_replace"
    message_key = "error.card_nothing_to_replace"


class NoShareAgreed(Conflict):
    """A second card needs a part set aside for it, and a free place."""

    code = "card.no_share_agreed"
    message_key = "error.card_no_share_agreed"


class SecondCardInForce(Conflict):
    """The balance cannot be taken back while the other card still works."""

    code = "card.second_in_force"
    message_key = "error.card_second_in_force"


class CardNotInForce(Conflict):
    """Only an active card has shares and statements."""

    code = "card.not_in_force"
    message_key = "error.card_not_in_force"


class ActivationRefused(RequestRefused):
    """The proof of a sound card is not whole; ``reason`` says what is wrong."""

    code = "card.activation_refused"
    message_key = "error.card_activation_refused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, reason: str) -> None:
        super().__init__(f"activation refused: {reason}", reason=reason)
        self.reason = reason


class TooManyCards(RequestRefused):
    """More cards in an hour than the signing policy allows. An alarm was raised."""

    code = "card.too_many"
    message_key = "error.card_too_many"
    status = HTTPStatus.TOO_MANY_REQUESTS


class IssuingUnavailable(RequestRefused):
    """The signing keys cannot be reached: reading and serving go on, issuing waits."""

    code = "keys.unavailable"
    message_key = "error.keys_unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
