"""What the registry last gave to work from: programmes, areas, officers, revoked cards, trust."""

from __future__ import annotations

import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, ValidationError

from card_service.trust import TrustAnchors, TrustRefused, decode_trust_anchors
from card_service.trust_update import accept_trust
from card_service.verification import RevokedCards
from domain.card_number import CardNumber
from domain.cards import CardStatus
from domain.errors import ProjectError
from domain.ids import OperatorId
from domain.messages.kiosks import KioskBundle, OperatorEntry, SignedBundle
from kiosk.store.documents import Shelf

_CURRENT = "current"


class BundleRefused(ProjectError):
    """The bundle is not the registry's, or older than what we hold: the one we hold stays."""

    code = "bundle.refused"
    message_key = "bundle.refused"


class NoBundle(ProjectError):
    """This kiosk has never had a bundle; it must reach the registry once."""

    code = "bundle.none"
    message_key = "bundle.none"


class CardStatusChange(BaseModel):
    """Payload of a ``card_status`` change of the feed; later fields are not ours to refuse."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    card_number: CardNumber
    status: CardStatus


_REFUSED = frozenset({CardStatus.BLOCKED, CardStatus.REPLACED, CardStatus.EXPIRED, CardStatus.SCRAPPED})


class BundleCache:
    """The bundle in force, decoded once, and the card states that came after it."""

    def __init__(
        self, shelf: Shelf[SignedBundle], card_states: Shelf[CardStatusChange], registry_key: Ed25519PublicKey
    ) -> None:
        self._shelf = shelf
        self._card_states = card_states
        self._registry_key = registry_key
        self._bundle: KioskBundle | None = None
        self._anchors: TrustAnchors | None = None
        self._revoked: RevokedCards | None = None
        kept = shelf.find(_CURRENT)
        if kept is not None:
            self._use(self._checked(kept))

    @property
    def current(self) -> KioskBundle:
        """Raises NoBundle before the first one."""
        if self._bundle is None:
            raise NoBundle("no bundle yet")
        return self._bundle

    @property
    def is_there(self) -> bool:
        return self._bundle is not None

    @property
    def anchors(self) -> TrustAnchors:
        if self._anchors is None:
            raise NoBundle("no bundle yet")
        return self._anchors

    @property
    def revoked(self) -> RevokedCards:
        """Numbers to refuse: those of the list, and those blocked by a later change."""
        if self._revoked is None:
            later = {state.card_number for _, state in self._card_states.all() if state.status in _REFUSED}
            self._revoked = RevokedCards(frozenset(self.current.revocations.cards) | later)
        return self._revoked

    def note_card(self, change: CardStatusChange) -> None:
        """Keep what became of a card since the bundle. Inside a transaction."""
        self._card_states.put(change.card_number, change)
        self._revoked = None

    def find_operator(self, operator_id: OperatorId) -> OperatorEntry | None:
        return next((entry for entry in self.current.operators if entry.operator_id == operator_id), None)

    def accept(self, signed: SignedBundle) -> bool:
        """Keep a newer bundle; False when it is the one we hold. Raises BundleRefused. Inside a transaction."""
        offered = self._checked(signed)
        if self._bundle is not None:
            self._check_not_older(offered, self._bundle)
            if offered == self._bundle:
                return False
        self._use(offered)
        self._shelf.put(_CURRENT, signed)
        return True

    def _checked(self, signed: SignedBundle) -> KioskBundle:
        try:
            self._registry_key.verify(bytes.fromhex(signed.signature_hex), signed.bundle_json.encode())
            return KioskBundle.model_validate_json(signed.bundle_json)
        except (InvalidSignature, ValueError) as error:
            raise BundleRefused("not signed by the registry, or malformed") from (
                None if isinstance(error, ValidationError) else error
            )

    def _check_not_older(self, offered: KioskBundle, held: KioskBundle) -> None:
        if offered.number < held.number or offered.revocations.number < held.revocations.number:
            raise BundleRefused("older than the bundle we hold")
        same_list = offered.revocations.number == held.revocations.number
        if same_list and set(offered.revocations.cards) != set(held.revocations.cards):
            raise BundleRefused("two revocation lists carry one number")
        try:
            accept_trust(self.anchors, _anchors_of(offered), at=offered.today)
        except TrustRefused as error:
            raise BundleRefused("the trust anchors are older, or vouched for by nobody") from error

    def _use(self, bundle: KioskBundle) -> None:
        self._anchors = _anchors_of(bundle)
        self._bundle = bundle
        self._revoked = None


def _anchors_of(bundle: KioskBundle) -> TrustAnchors:
    try:
        return decode_trust_anchors(json.dumps(bundle.trust_anchors))
    except TrustRefused as error:
        raise BundleRefused("the trust anchors cannot be read") from error
