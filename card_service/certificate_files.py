"""The certificates of an authority as files, named by their generation, so that none is ever overwritten in use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from card_service.authority_state import AuthorityMissing, AuthorityState
from card_service.cv_certificate import CvCertificate, decode_cv_certificate

CSCA_FILE = "csca.der"
CVCA_FILE = "cvca.cvcert"


@dataclass(frozen=True, slots=True)
class Certificates:
    """The certificates of an authority in force, and the older ones that cards and terminals still rest on.

    ``earlier_*`` are newest first; links are oldest first, each leading from one generation to the next.
    ``signer_crl_der`` is the signed list of revoked document signers, empty when none was made yet.
    """

    csca_der: bytes
    ds_der: bytes
    cvca: CvCertificate
    dv: CvCertificate
    earlier_csca_der: tuple[bytes, ...] = ()
    csca_links_der: tuple[bytes, ...] = ()
    earlier_cvca: tuple[CvCertificate, ...] = ()
    cvca_links: tuple[CvCertificate, ...] = ()
    signer_crl_der: bytes = b""


def csca_file(generation: int) -> str:
    """The first has no number: it was there before there were others."""
    return CSCA_FILE if generation == 1 else f"csca-{generation:05}.der"


def csca_link_file(generation: int) -> str:
    """The link from the generation before to this one."""
    return f"csca-link-{generation:05}.der"


def cvca_file(generation: int) -> str:
    return CVCA_FILE if generation == 1 else f"cvca-{generation:05}.cvcert"


def cvca_link_file(generation: int) -> str:
    return f"cvca-link-{generation:05}.cvcert"


def ds_file(generation: int) -> str:
    return f"ds-{generation:05}.der"


def dv_file(generation: int) -> str:
    return f"dv-{generation:05}.cvcert"


def crl_file(number: int) -> str:
    return f"signers-{number:05}.crl"


def read_certificates(directory: Path, state: AuthorityState) -> Certificates:
    """The certificates in force in that state; raises AuthorityMissing."""
    roots, verifiers = range(state.root_generation, 0, -1), range(state.verifier_generation, 0, -1)
    crl = directory / crl_file(state.crl_number)
    try:
        csca = [(directory / csca_file(each)).read_bytes() for each in roots]
        cvca = [_read_cv(directory / cvca_file(each)) for each in verifiers]
        return Certificates(
            csca_der=csca[0],
            ds_der=(directory / ds_file(state.generation)).read_bytes(),
            cvca=cvca[0],
            dv=_read_cv(directory / dv_file(state.generation)),
            earlier_csca_der=tuple(csca[1:]),
            csca_links_der=tuple((directory / csca_link_file(each)).read_bytes() for each in sorted(roots)[1:]),
            earlier_cvca=tuple(cvca[1:]),
            cvca_links=tuple(_read_cv(directory / cvca_link_file(each)) for each in sorted(verifiers)[1:]),
            signer_crl_der=crl.read_bytes() if crl.exists() else b"",
        )
    except OSError as error:
        raise AuthorityMissing("a certificate file is gone") from error


def _read_cv(path: Path) -> CvCertificate:
    return decode_cv_certificate(path.read_bytes())
