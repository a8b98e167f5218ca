"""The signed bundle: all that a kiosk needs to read cards and serve people without a network."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from card_service.cv_certificate import decode_cv_certificate
from card_service.trust import encode_trust_anchors
from central_api.access.repository import KnownKiosk
from central_api.context import Registry
from central_api.journal.transaction import Transaction
from central_api.kiosks import repository
from central_api.operators.repository import list_operators
from central_api.places.repository import list_areas
from central_api.programmes.repository import list_programmes
from central_api.revocations.service import advance_list
from domain.messages.kiosks import KioskBundle, RevocationList, SignedBundle

#: A kiosk that fetches its bundle gets new certificates when its own are this old; they are valid for weeks.
RENEW_CERTIFICATES_AFTER = timedelta(days=1)


def make_bundle(transaction: Transaction, kiosk: KnownKiosk, registry: Registry) -> SignedBundle:
    """The bundle for this kiosk. Its number rises when, and only when, it says something new."""
    connection = transaction.connection
    anchors = registry.trust.anchors
    chain = _current_chain(transaction, kiosk, registry, transaction.now.date())
    bundle = KioskBundle(
        number=0,
        issued_at=transaction.now,
        today=transaction.now.date(),
        area=kiosk.area,
        areas=tuple(list_areas(connection)),
        programmes=tuple(list_programmes(connection)),
        operators=tuple(list_operators(connection)),
        revocations=RevocationList(number=advance_list(transaction).number, issued_at=transaction.now),
        trust_anchors=json.loads(encode_trust_anchors(anchors)),
        enrolment_key=registry.enrolment_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw),
        terminal_chain=chain,
        terminal_links=_links_to(chain, anchors.cvca_links),
        settings=registry.settings.desk_policy.to_settings(),
    )
    text = bundle.model_copy(update={"number": _number(transaction, bundle)}).model_dump_json()
    return SignedBundle(bundle_json=text, signature_hex=registry.trust.sign_receipt(text.encode()).hex())


def _number(transaction: Transaction, bundle: KioskBundle) -> int:
    changing = {"number", "issued_at", "today", "area", "terminal_chain", "terminal_links", "revocations"}
    digest = hashlib.sha256(bundle.model_dump_json(exclude=changing).encode()).hexdigest()
    return repository.number_bundle(transaction.connection, digest)


def _links_to(chain: tuple[bytes, ...], links: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """The links that lead to the issuer of this chain: a later one would make a card forget that issuer."""
    if not links:
        return ()
    issuer = decode_cv_certificate(chain[0]).authority_reference
    holders = [decode_cv_certificate(link).holder_reference for link in links]
    return links[: holders.index(issuer) + 1] if issuer in holders else ()


def _current_chain(transaction: Transaction, kiosk: KnownKiosk, registry: Registry, today: date) -> tuple[bytes, ...]:
    connection = transaction.connection
    if today - repository.get_chain_day(connection, kiosk.id) < RENEW_CERTIFICATES_AFTER:
        return repository.get_chain(connection, kiosk.id)
    chain = registry.trust.terminal_chain(kiosk.terminal_reference, kiosk.terminal_key, on=today)
    repository.put_chain(connection, kiosk.id, chain, today)
    return chain
