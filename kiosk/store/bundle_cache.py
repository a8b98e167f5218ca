"""What the registry last gave to work from: programmes, areas, officers, trust."""

from __future__ import annotations

import json
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from card_service.trust import TrustAnchors, TrustRefused, decode_trust_anchors
from card_service.trust_update import accept_trust
from card_service.verification import RevocationView
from domain.card_number import CardNumber
from domain.errors import ProjectError
from domain.ids import OperatorId
from domain.messages.kiosks import KioskBundle, OperatorEntry, SignedBundle
from kiosk.store.card_status import CardStatusChange
from kiosk.store.documents import Shelf
from kiosk.store.revocation_cache import RevocationCache

__all__ = ["BundleCache", "BundleRefused", "CardStatusChange", "NoBundle"]

_CURRENT = "current"


class BundleRefused(ProjectError):
    """The bundle is not the registry's, or older than what we hold: the one we hold stays."""

    code = "bundle.refused"
    message_key = "bundle.refused"


class NoBundle(ProjectError):
    """This kiosk has never had a bundle; it must reach the registry once."""

    code = "bundle.none"
    message_key = "bundle.none"


class BundleCache:
    """The bundle in force, decoded once, and what is known of refused cards."""

    def __init__(self, shelf: Shelf[SignedBundle], listed: RevocationCache, registry_key: Ed25519PublicKey) -> None:
        self._shelf = shelf
        self._listed = listed
        self._registry_key = registry_key
        self._bundle: KioskBundle | None = None
        self._anchors: TrustAnchors | None = None
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
    def revoked(self) -> RevocationView:
        """Which cards to refuse: those of the list, and those blocked by a later change."""
        return _Refused(self._listed, frozenset(self.current.revocations.cards))

    def note_card(self, change: CardStatusChange) -> None:
        """Keep what became of a card since the list. Inside a transaction."""
        self._listed.note_card(change)

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


@dataclass(frozen=True, slots=True)
class _Refused:
    """The list, and what a bundle of before it named."""

    listed: RevocationCache
    named: frozenset[CardNumber]

    def is_revoked(self, card_number: CardNumber) -> bool:
        return card_number in self.named or self.listed.is_revoked(card_number)


def _anchors_of(bundle: KioskBundle) -> TrustAnchors:
    try:
        return decode_trust_anchors(json.dumps(bundle.trust_anchors))
    except TrustRefused as error:
        raise BundleRefused("the trust anchors cannot be read") from error
