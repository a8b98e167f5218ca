"""Keys change, cards stay: what the old keys signed is believed inside its window and refused after it."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from card_service import authority_state, rotation
from card_service.authority_state import AuthorityState, read_state
from card_service.country_certificates import ROOT_SIGNING, SIGNER_SIGNING, SIGNER_VALIDITY, issue_country_root
from card_service.cv_certificate import CvRefused, decode_cv_certificate, verify_cv_chain
from card_service.document_signer import load_root
from card_service.entitlement_statement import (
    EntitlementStatement,
    StatementRefusal,
    StatementRefused,
    sign_statement,
    verify_statement,
)
from card_service.layout import TerminalRights
from card_service.rotation import CVCA_VALIDITY, DV_VALIDITY, RotationRefused
from card_service.security_object import SodRefusal, SodRefused, build_sod, verify_sod
from card_service.signer_crl import CrlRefused, SignerCrl, sign_signer_crl, verify_signer_crl
from card_service.trust import TrustAnchors, TrustRefused, decode_trust_anchors, encode_trust_anchors
from card_service.trust_update import accept_trust
from domain.card_number import make_card_number
from tests.unit.card_service_issuer.authority import TODAY, new_signer
from tests.unit.card_service_issuer.rotating_house import DAY, HASHES, YEAR, House, at_noon


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    house.rotation.begin(AuthorityState(1, TODAY, crl_number=1))
    return house


def sod_refusal(sod: bytes, anchors: TrustAnchors, at: date) -> SodRefusal:
    with pytest.raises(SodRefused) as caught:
        verify_sod(sod, anchors, at=at)
    return caught.value.reason


def test_cards_of_both_country_roots_verify_until_their_signers_end(house: House) -> None:
    first = house.card(TODAY)
    handover = TODAY + ROOT_SIGNING - timedelta(days=30)
    house.rotation.rotate_root(today=handover)
    second = house.card(handover)
    for at in (handover, handover + 3 * YEAR, TODAY + SIGNER_VALIDITY):
        assert dict(verify_sod(first, house.anchors, at=at).hashes) == HASHES
        assert dict(verify_sod(second, house.anchors, at=at).hashes) == HASHES
    after_first, after_second = TODAY + SIGNER_VALIDITY + DAY, handover + SIGNER_VALIDITY + DAY
    assert sod_refusal(first, house.anchors, after_first) is SodRefusal.SIGNER_EXPIRED
    assert verify_sod(second, house.anchors, at=after_first)
    assert sod_refusal(second, house.anchors, after_second) is SodRefusal.SIGNER_EXPIRED


def test_a_signer_out_of_its_three_months_signs_nothing_that_is_believed(house: House) -> None:
    signer = house.authority.document_signer(on=TODAY)
    late = TODAY + SIGNER_SIGNING + DAY
    sod = build_sod(HASHES, signer, signed_at=at_noon(late))
    assert sod_refusal(sod, house.anchors, late) is SodRefusal.SIGNER_UNFIT
    house.rotation.renew(today=late)
    assert verify_sod(house.card(late), house.anchors, at=late)


def test_a_root_whose_five_years_are_over_certifies_nobody(house: House) -> None:
    late = TODAY + ROOT_SIGNING + DAY
    with pytest.raises(RotationRefused, match="rotate-csca"):
        house.rotation.renew(today=late)
    assert read_state(house.directory).generation == 1
    house.rotation.rotate_root(today=late)
    assert read_state(house.directory).verifier_generation == 2, "its three years are over too"
    assert verify_sod(house.card(late), house.anchors, at=late)


def test_a_signer_certified_by_a_root_after_its_time_is_not_believed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = TODAY + ROOT_SIGNING + DAY
    # Patched: a thief of the old root's key does not ask our rules.
    monkeypatch.setattr(rotation, "ROOT_SIGNING", 100 * YEAR)
    monkeypatch.setattr(rotation, "CVCA_VALIDITY", 15 * YEAR)
    house.rotation.rotate_verifier(today=TODAY)
    house.rotation.renew(today=late)
    assert sod_refusal(house.card(late), house.anchors, late) is SodRefusal.SIGNER_UNFIT


def test_a_kiosk_learns_the_new_root_from_the_link_and_no_other(house: House) -> None:
    held, handover = house.anchors, TODAY + YEAR
    house.rotation.rotate_root(today=handover)
    offered = house.anchors
    assert accept_trust(held, offered, at=handover) == offered
    assert accept_trust(held, decode_trust_anchors(encode_trust_anchors(offered)), at=handover) == offered
    stranger = new_signer()
    foreign = issue_country_root(
        stranger, state=house.authority.issuing_state, serial=bytes(range(16)), valid_from=TODAY
    )
    wrong = {
        "no link": replace(offered, csca_links_der=()),
        "another root under the same link": replace(
            offered,
            csca_certificates_der=(foreign, *held.csca_certificates_der),
            signer_crl_der=held.signer_crl_der,
            crl_number=held.crl_number,
        ),
        "the root for its own link": replace(offered, csca_links_der=(offered.csca_certificates_der[0],)),
        "no signed list": replace(offered, signer_crl_der=b""),
    }
    for anchors in wrong.values():
        with pytest.raises(TrustRefused):
            accept_trust(held, anchors, at=handover)
    with pytest.raises(TrustRefused):
        accept_trust(held, offered, at=TODAY + 17 * YEAR)


def test_a_kiosk_two_rotations_behind_follows_both_links(house: House) -> None:
    held = house.anchors
    house.rotation.rotate_root(today=TODAY + YEAR)
    house.rotation.rotate_root(today=TODAY + 2 * YEAR)
    assert len(house.anchors.csca_certificates_der) == 3
    assert accept_trust(held, house.anchors, at=TODAY + 2 * YEAR)
    shortened = replace(house.anchors, csca_links_der=house.anchors.csca_links_der[1:])
    with pytest.raises(TrustRefused):
        accept_trust(held, shortened, at=TODAY + 2 * YEAR)


def test_openssl_follows_the_link_and_reads_the_list(house: House, tmp_path: Path) -> None:
    house.rotation.rotate_root(today=TODAY + DAY)
    certificates = house.authority.certificates
    house.rotation.revoke_signer(load_root(certificates.ds_der).certificate.serial_number, today=TODAY + DAY)
    new = house.authority.certificates
    files = {
        "old.pem": new.earlier_csca_der[0],
        "link.pem": new.csca_links_der[0],
        "ds.pem": new.ds_der,
        "root.pem": new.csca_der,
    }
    for name, der in files.items():
        pem = subprocess.run(["openssl", "x509", "-inform", "DER"], input=der, capture_output=True, check=True).stdout
        (tmp_path / name).write_bytes(pem)
    at = str(int(at_noon(TODAY + 2 * DAY).timestamp()))
    # Only the old root is trusted; the link leads to the signer under the new one.
    link = ["-trusted", str(tmp_path / "old.pem"), "-untrusted", str(tmp_path / "link.pem")]
    command = ["openssl", "verify", "-attime", at, *link, str(tmp_path / "ds.pem")]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    listed = ["openssl", "crl", "-inform", "DER", "-noout", "-text", "-CAfile", str(tmp_path / "root.pem"), "-verify"]
    read = subprocess.run(listed, input=new.signer_crl_der, capture_output=True, check=False)
    assert b"verify OK" in read.stderr + read.stdout
    assert b"CRL Number" in read.stdout


def test_a_revoked_signer_is_refused_and_the_number_of_the_list_only_rises(house: House) -> None:
    card = house.card(TODAY)
    serial = verify_sod(card, house.anchors, at=TODAY).signer_serial
    before = house.anchors
    house.rotation.revoke_signer(serial, today=TODAY + DAY)
    after = house.anchors
    assert (after.crl_number, after.revoked_signers) == (before.crl_number + 1, {serial})
    assert sod_refusal(card, accept_trust(before, after, at=TODAY), TODAY) is SodRefusal.SIGNER_REVOKED
    assert verify_sod(house.card(TODAY + DAY), after, at=TODAY + DAY), "a new signer is in office at once"
    with pytest.raises(TrustRefused):
        accept_trust(after, before, at=TODAY + DAY)
    said = verify_signer_crl(after.signer_crl_der, after.csca_certificates_der)
    assert (said.number, said.serials, said.issued_on) == (after.crl_number, {serial}, TODAY + DAY)
    assert house.rotation.revoke_signer(serial, today=TODAY + DAY).crl_number == after.crl_number
    with pytest.raises(RotationRefused):
        house.rotation.revoke_signer(12345, today=TODAY)
    house.rotation.rotate_root(today=TODAY + 2 * DAY)
    assert accept_trust(after, house.anchors, at=TODAY + 2 * DAY).revoked_signers == {serial}


def test_who_holds_only_the_bundles_key_cannot_take_a_signer_off_the_list(house: House) -> None:
    serial = verify_sod(house.card(TODAY), house.anchors, at=TODAY).signer_serial
    house.rotation.revoke_signer(serial, today=TODAY)
    held = house.anchors
    forged = replace(held, crl_number=held.crl_number + 1, revoked_signers=frozenset())
    with pytest.raises(TrustRefused):
        accept_trust(held, forged, at=TODAY)
    root = load_root(held.csca_certificates_der[0])
    own_list = sign_signer_crl(SignerCrl(9, TODAY, frozenset()), held.csca_certificates_der[0], new_signer())
    assert root.public_point
    with pytest.raises(TrustRefused):
        accept_trust(held, replace(forged, crl_number=9, signer_crl_der=own_list), at=TODAY)


def test_a_list_of_signers_stands_no_cut_and_nothing_behind_it(house: House) -> None:
    anchors = house.anchors
    whole = anchors.signer_crl_der
    for wrong in (*(whole[:length] for length in range(len(whole))), whole + b"\x00"):
        with pytest.raises(CrlRefused):
            verify_signer_crl(wrong, anchors.csca_certificates_der)


def test_cards_of_the_old_country_verifier_follow_the_link_to_new_terminals(house: House) -> None:
    old_roots = [decode_cv_certificate(each) for each in house.anchors.cvca_certificates]
    old_chain = [decode_cv_certificate(each) for each in house.terminal(TODAY)]
    handover = TODAY + CVCA_VALIDITY - timedelta(days=60)
    house.rotation.rotate_verifier(today=handover)
    anchors = house.anchors
    new_chain = [decode_cv_certificate(each) for each in house.terminal(handover)]
    links = [decode_cv_certificate(each) for each in anchors.cvca_links]
    new_roots = [decode_cv_certificate(each) for each in anchors.cvca_certificates]
    assert [each.holder_reference for each in new_roots] == ["UTSWCVCA00002", "UTSWCVCA00001"]
    assert verify_cv_chain([*links, *new_chain], old_roots, at=handover)
    assert verify_cv_chain(new_chain, new_roots[:1], at=handover)
    with pytest.raises(CvRefused):
        verify_cv_chain(new_chain, old_roots, at=handover)
    with pytest.raises(CvRefused):
        verify_cv_chain(old_chain, new_roots, at=TODAY + timedelta(days=31))


def test_a_document_verifier_never_outlives_its_country_verifier(house: House) -> None:
    late = TODAY + CVCA_VALIDITY - timedelta(days=5)
    house.rotation.renew(today=late)
    assert house.authority.certificates.dv.expires_on == TODAY + CVCA_VALIDITY < late + DV_VALIDITY
    with pytest.raises(RotationRefused, match="rotate-cvca"):
        house.rotation.renew(today=TODAY + CVCA_VALIDITY + DAY)


NUMBER = make_card_number(b"abcde")


def statement(on: date, days: int = 300) -> EntitlementStatement:
    return EntitlementStatement(NUMBER, 1, on, on + timedelta(days=days), ())


def test_statements_of_the_old_signer_run_out_and_it_makes_no_new_ones(house: House) -> None:
    old = house.authority.entitlement_signer
    handover = TODAY + YEAR
    before = sign_statement(statement(handover - DAY), old)
    house.rotation.rotate_entitlement_signer(today=handover)
    anchors = house.anchors
    after = sign_statement(statement(handover), house.authority.entitlement_signer)
    for cose in (before, after):
        assert verify_statement(cose, anchors, at=handover + timedelta(days=200))
    stolen = sign_statement(statement(handover + DAY), old)
    with pytest.raises(StatementRefused) as caught:
        verify_statement(stolen, anchors, at=handover + DAY)
    assert caught.value.reason is StatementRefusal.SIGNER_UNKNOWN
    long = sign_statement(statement(handover - DAY, 9_000), old)
    assert verify_statement(long, anchors, at=handover + SIGNER_VALIDITY)
    with pytest.raises(StatementRefused):
        verify_statement(long, anchors, at=handover + SIGNER_VALIDITY + DAY)
    assert accept_trust(anchors, decode_trust_anchors(encode_trust_anchors(anchors)), at=handover) == anchors


def test_a_signer_whose_key_was_stolen_is_believed_no_more_at_all(house: House) -> None:
    handover = TODAY + YEAR
    before = sign_statement(statement(handover - DAY), house.authority.entitlement_signer)
    house.rotation.rotate_entitlement_signer(today=handover, is_compromised=True)
    with pytest.raises(StatementRefused):
        verify_statement(before, house.anchors, at=handover)
    with pytest.raises(RotationRefused):
        house.rotation.rotate_entitlement_signer(today=handover)


def test_the_state_of_an_earlier_version_is_read_as_it_is(house: House) -> None:
    file = house.directory / authority_state.STATE_FILE
    raw = authority_state.json.loads(file.read_text())
    for later in ("root_generation", "verifier_generation", "document_verifier_key", "entitlement_terms"):
        del raw[later]
    file.write_text(authority_state.json.dumps(raw))
    assert read_state(house.directory) == AuthorityState(1, TODAY, crl_number=1)
    assert house.anchors.entitlement_windows == ()


def test_a_kiosk_gets_no_right_of_officers(house: House) -> None:
    chain = [decode_cv_certificate(each) for each in house.terminal(TODAY)]
    roots = [decode_cv_certificate(each) for each in house.anchors.cvca_certificates]
    assert TerminalRights.UNBLOCK not in verify_cv_chain(chain, roots, at=TODAY)
