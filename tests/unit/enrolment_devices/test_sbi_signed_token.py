"""Signed tokens of devices: one spelling, two algorithms, and a chain that ends at an anchor of ours."""

import base64
import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from enrolment.devices.ports import SensorUntrusted
from enrolment.devices.sbi.device_trust import DeviceTrust
from enrolment.devices.sbi.signed_token import decode_base64url, open_token, parse_object
from hardware_sim.sbi_device.credentials import base64url, make_credentials

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DEVICE = make_credentials(NOW)
RSA_DEVICE = make_credentials(NOW, is_rsa=True)
TRUST = DeviceTrust((DEVICE.maker, RSA_DEVICE.maker))
PAYLOAD = {"transactionId": "abcd", "n": 1}


def certificate(name, key, issuer_name, issuer_key, *, is_authority=False, may_sign=True, first=None, last=None):
    usage = x509.KeyUsage(may_sign, False, False, False, False, is_authority and may_sign, False, False, False)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer_name)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(first or NOW - timedelta(days=1))
        .not_valid_after(last or NOW + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(issuer_key, hashes.SHA256())
    )


def x5c(*chain):
    return [base64.b64encode(each.public_bytes(serialization.Encoding.DER)).decode() for each in chain]


@pytest.mark.parametrize("device", [DEVICE, RSA_DEVICE], ids=["ES256", "RS256"])
def test_a_token_of_a_trusted_device_is_opened(device):
    assert parse_object(open_token(device.sign(PAYLOAD), TRUST, now=NOW)) == PAYLOAD
    alone = x5c(device.certificate)[0]  # as the specification's own example writes it
    assert open_token(device.sign(PAYLOAD, x5c=alone), TRUST, now=NOW)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "RS256"},
        {"alg": "ES384"},
        {"alg": None},
        {"typ": "other"},
        {"crit": ["exp"]},
        {"b64": False},
        {"jwk": {}},
        {"jku": "http://127.0.0.1/"},
        {"x5c": []},
        {"x5c": None},
        {"x5c": [1]},
        {"x5c": ["not base64"]},
        {"x5c": [base64.b64encode(b"no certificate").decode()]},
        {"x5c": x5c(RSA_DEVICE.certificate)},
        {"x5c": x5c(DEVICE.maker)},
    ],
    # Not the text of the certificates, which are new each time: two test processes must name a test alike.
    ids=[*"abcdefghijklmno", "another device's", "its maker's"],
)
def test_a_header_that_says_anything_else_is_refused(header):
    with pytest.raises(SensorUntrusted):
        open_token(DEVICE.sign(PAYLOAD, **header), TRUST, now=NOW)


def test_a_public_key_used_as_a_shared_secret_is_refused():
    header = base64url(json.dumps({"alg": "HS256", "x5c": x5c(RSA_DEVICE.certificate)}).encode())
    with pytest.raises(SensorUntrusted):
        open_token(f"{header}.{base64url(b'{}')}.{base64url(bytes(32))}", TRUST, now=NOW)


def test_a_certificate_before_or_after_its_time_is_refused():
    for now in (NOW - timedelta(days=2), NOW + timedelta(days=31)):
        with pytest.raises(SensorUntrusted):
            open_token(DEVICE.sign(PAYLOAD), TRUST, now=now)


def test_only_configured_anchors_count():
    stranger = make_credentials(NOW)  # the same maker's name, another key
    for trust in (DeviceTrust(()), DeviceTrust((stranger.maker,))):
        with pytest.raises(SensorUntrusted):
            open_token(DEVICE.sign(PAYLOAD), trust, now=NOW)
    with pytest.raises(SensorUntrusted):
        open_token(stranger.sign(PAYLOAD, x5c=x5c(stranger.certificate, stranger.maker)), TRUST, now=NOW)


def test_one_device_alone_can_be_pinned():
    assert open_token(DEVICE.sign(PAYLOAD), DeviceTrust((DEVICE.certificate,)), now=NOW)


@pytest.mark.parametrize("spoilt", [None, "no authority", "may not issue", "expired"])
def test_a_chain_over_an_authority_between_is_walked_and_every_link_checked(spoilt):
    middle_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    maker_name = DEVICE.maker.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    middle = certificate(
        "Middle",
        middle_key,
        maker_name,
        DEVICE.maker_key,
        is_authority=spoilt != "no authority",
        may_sign=spoilt != "may not issue",
        last=NOW - timedelta(hours=1) if spoilt == "expired" else None,
    )
    leaf = certificate("Leaf", key, "Middle", middle_key)
    signer = type(DEVICE)(DEVICE.maker, DEVICE.maker_key, leaf, key)
    token = signer.sign(PAYLOAD, x5c=x5c(leaf, middle))
    if spoilt is None:
        assert open_token(token, TRUST, now=NOW)
        with pytest.raises(SensorUntrusted):
            open_token(signer.sign(PAYLOAD, x5c=x5c(leaf)), TRUST, now=NOW)
    else:
        with pytest.raises(SensorUntrusted):
            open_token(token, TRUST, now=NOW)


def test_a_token_cut_at_any_letter_or_with_one_behind_is_refused():
    token = DEVICE.sign(PAYLOAD)
    for size in range(len(token)):
        with pytest.raises(SensorUntrusted):
            open_token(token[:size], TRUST, now=NOW)
    for more in ("A", "=", ".", ".AAAA", "\n"):
        with pytest.raises(SensorUntrusted):
            open_token(token + more, TRUST, now=NOW)


def count_changed_tokens_opened(opening, trials):
    """Tokens with one letter changed that were opened to another payload than was signed."""
    draw, opened = random.Random(3), 0
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    token = DEVICE.sign(PAYLOAD)
    for _ in range(trials):
        at = draw.randrange(len(token))
        changed = token[:at] + draw.choice(letters.replace(token[at], "")) + token[at + 1 :]
        try:
            opened += bool(opening(changed))
        except (SensorUntrusted, ValueError):
            continue
    print(f"N = {trials} changed tokens: {opened} opened")  # noqa: T201
    return opened


def test_no_changed_token_is_opened():
    assert count_changed_tokens_opened(lambda token: open_token(token, TRUST, now=NOW), 1_000) == 0


def test_the_trial_finds_a_reader_that_does_not_verify():
    """The planted bug: the payload is taken as it comes."""
    assert count_changed_tokens_opened(lambda token: parse_object(decode_base64url(token.split(".")[1])), 1_000) > 0


@pytest.mark.parametrize("text", ["AA==", "AB", "A", "AA A", "A+/A", "é"])
def test_base64url_has_one_spelling(text):
    with pytest.raises(ValueError, match=r"base64url|spelling"):
        decode_base64url(text)


@pytest.mark.parametrize("data", [b"[]", b"1", b'{"a":1,"a":2}', b'{"a":{"b":1,"b":1}}', b"{", b"\xff"])
def test_an_object_with_a_name_twice_or_no_object_is_refused(data):
    with pytest.raises(ValueError):  # noqa: PT011  the parser's own kinds, too
        parse_object(data)
