"""How a terminal comes to trust more than before: what is new must be vouched for by what it trusts already.

The bundle that brings new anchors is signed by a key that is online all day. That key alone cannot make a terminal
believe another country root, nor forget a revoked document signer: for both a root's own signature is needed.
"""

from __future__ import annotations

from datetime import date

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from card_service.der import KeyRefused, raw_from_signature_der
from card_service.document_signer import BelievedRoot, SignerRefused, load_root
from card_service.ecdsa_raw import is_signed_by
from card_service.signer_crl import CrlRefused, verify_signer_crl
from card_service.trust import TrustAnchors, TrustRefused


def accept_trust(held: TrustAnchors, offered: TrustAnchors, *, at: date) -> TrustAnchors:
    """``offered``; ``TrustRefused`` when it is older than ``held`` or something new in it is vouched for by nobody.

    A terminal that holds no root yet takes the first ones as they come.
    """
    held.accept_newer(offered)
    if held.csca_certificates_der:
        _check_roots(held, offered, at=at)
    _check_signer_list(held, offered)
    return offered


def learn_roots(roots_der: tuple[bytes, ...], offered: TrustAnchors, *, at: date) -> tuple[bytes, ...]:
    """The trusted roots and those of ``offered`` that a chain of link certificates leads to from them."""
    known = list(roots_der)
    new = [root_der for root_der in offered.csca_certificates_der if root_der not in known]
    while True:
        learnt = [root_der for root_der in new if _is_vouched_for(root_der, known, offered.csca_links_der, at=at)]
        if not learnt:
            return tuple(known)
        known += learnt
        new = [root_der for root_der in new if root_der not in learnt]


def _check_roots(held: TrustAnchors, offered: TrustAnchors, *, at: date) -> None:
    if set(offered.csca_certificates_der) <= set(held.csca_certificates_der):
        return
    try:
        known = learn_roots(held.csca_certificates_der, offered, at=at)
    except (SignerRefused, KeyRefused) as error:
        raise TrustRefused("a root or link certificate is malformed") from error
    if not set(offered.csca_certificates_der) <= set(known):
        raise TrustRefused("no root that we trust vouches for the new one")


def _check_signer_list(held: TrustAnchors, offered: TrustAnchors) -> None:
    if not offered.signer_crl_der:
        if held.signer_crl_der:
            raise TrustRefused("the signed list of document signers is gone")
        return
    try:
        said = verify_signer_crl(offered.signer_crl_der, offered.csca_certificates_der)
    except CrlRefused as error:
        raise TrustRefused("the list of document signers is not genuine") from error
    if (said.number, said.serials) != (offered.crl_number, offered.revoked_signers):
        raise TrustRefused("the list of document signers says something else")


def _is_vouched_for(root_der: bytes, known: list[bytes], links_der: tuple[bytes, ...], *, at: date) -> bool:
    root = load_root(root_der)
    links = [load_root(link_der) for link_der in links_der]
    return any(_vouches(load_root(old), link, root, at=at) for old in known for link in links)


def _vouches(old: BelievedRoot, link: BelievedRoot, new: BelievedRoot, *, at: date) -> bool:
    """Whether ``link`` is a valid certificate by ``old`` for the key and name of ``new``."""
    certificate = link.certificate
    signature = raw_from_signature_der(certificate.signature)
    is_signed = is_signed_by(old.public_point, signature, certificate.tbs_certificate_bytes)
    names_match = (
        certificate.issuer.public_bytes() == old.certificate.subject.public_bytes()
        and certificate.subject.public_bytes() == new.certificate.subject.public_bytes()
    )
    is_in_time = certificate.not_valid_before_utc.date() <= at <= certificate.not_valid_after_utc.date()
    return is_signed and names_match and is_in_time and link.public_point == new.public_point and _is_authority(link)


def _is_authority(link: BelievedRoot) -> bool:
    try:
        usage = link.certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        constraints = link.certificate.extensions.get_extension_for_oid(ExtensionOID.BASIC_CONSTRAINTS)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False
    assert isinstance(constraints.value, x509.BasicConstraints)
    return usage.key_cert_sign and constraints.critical and constraints.value.ca
