"""HOW-TO.txt of an exported card: commands of programs that are not ours, which anybody can run in that folder."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time
from pathlib import Path

GUIDE = "HOW-TO.txt"
_CERTIFICATES = "cvc/"

_HEAD = """\
How to check this card with programs that its makers did not write
==================================================================
Run the commands in this folder. Programs (Debian): openssl, coreutils, openpace (cvc-print).
Lines that begin with "$ " are commands; the line below says what must appear. The files hold a person's data.

1. Is the security object signed, and does its signer lead to the country's root?
   Compare the fingerprint of csca.pem with one that you got another way: whoever made this folder chose the file.

$ openssl x509 -in csca.pem -noout -fingerprint -sha256
> sha256 Fingerprint=
$ openssl verify -partial_chain -purpose any -attime {moment} -CAfile csca.pem ds.pem
> ds.pem: OK
$ openssl cms -verify -inform DER -in sod.der -CAfile csca.pem -purpose any -attime {moment} -out lds.der
> Verification successful

2. Are the data groups those that were signed? lds.der lists the signed SHA-256 of each, by number;
   hashes.sha256 holds the same list for sha256sum.

$ openssl asn1parse -inform DER -in lds.der
> OCTET STRING
$ sha256sum -c hashes.sha256 && echo all as signed
> all as signed
"""
_HOUSEHOLD = """
3. The member table and the photographs are anchored in DG13, which the step before has checked:
   each of these sums stands in DG13.bin, byte for byte.

$ sha256sum -c anchored.sha256 && echo all as listed
> all as listed
$ cut -c1-64 anchored.sha256 | while read -r sum; do \
xxd -p DG13.bin | tr -d '\\n' | grep -q "$sum" || exit 1; done && echo all anchored
> all anchored
"""
_STATEMENT = """
4. Is the entitlement statement signed? statement.signed.bin is the Sig_structure of RFC 9052, 4.4 of the COSE_Sign1 in
   statement.cose. One of the signers must say "Verified OK"; statement.payload.cbor names the card number of DG1.

$ openssl dgst -sha256 -verify {signer} -signature statement.signature.der statement.signed.bin
> Verified OK
"""
_TERMINALS = """
5. Who may write to this card, or read fingers from it? The certificates that terminals show it. Each must be verified
   (the program ends with 0 for forged ones too: the words decide).
"""
_CERTIFICATE = """
$ cvc-print --cvc={name} --cvc-dir=cvc
> certificate verified
"""
_TAIL = """
What no file can show: that the card is no copy. For that a reader opens a channel with the six digits on the card
(PACE, ICAO 9303-11, 4.4) and lets the chip prove the key in DG14 (chip authentication, 6.2).
"""


def write_guide(directory: Path, names: Collection[str], *, on: date) -> Path:
    """The guide for the files of these names, read on that day; returns where it was written."""
    moment = int(datetime.combine(on, time(12), tzinfo=UTC).timestamp())
    parts = [_HEAD.format(moment=moment)]
    if "anchored.sha256" in names:
        parts.append(_HOUSEHOLD)
    if "statement.cose" in names:
        signer = next(name for name in names if name.startswith("entitlement-signer-"))
        parts.append(_STATEMENT.format(signer=signer))
    certificates = [name for name in names if name.startswith(_CERTIFICATES) and not name.endswith(".link")]
    if certificates:
        parts.append(_TERMINALS + "".join(_CERTIFICATE.format(name=name) for name in certificates))
    path = directory / GUIDE
    path.write_text("".join(parts) + _TAIL, encoding="utf-8")
    return path
