"""Why a file of the card could not be read or made."""

from __future__ import annotations

from domain.errors import ProjectError


class DataGroupRefused(ProjectError):
    """The bytes are not this data group in its one valid encoding, or the record cannot be encoded."""

    code = "card.data_group_malformed"
    message_key = "error.card_unreadable"
