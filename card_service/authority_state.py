"""What changes in the life of an issuing authority, and the file it is kept in: written last in every change."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

from pydantic import JsonValue, TypeAdapter, ValidationError

from card_service.country_certificates import IssuingState
from card_service.durable_file import write_durably
from domain.errors import ProjectError

STATE_FILE = "authority.json"


class AuthorityMissing(ProjectError):
    """No ceremony was finished in this directory."""

    code = "keys.authority_missing"
    message_key = "error.keys_authority_missing"


@dataclass(frozen=True, slots=True)
class SignerTerm:
    """Days of office of an entitlement signer; the one without ``signs_until`` is in office."""

    generation: int
    signs_from: date
    signs_until: date | None = None
    believed_until: date | None = None


@dataclass(frozen=True, slots=True)
class AuthorityState:
    """Which keys and certificates are in force.

    ``generation`` counts document signers and DV certificates; ``root_generation`` and ``verifier_generation`` count
    CSCA and CVCA keys, ``document_verifier_key`` the DV's. ``entitlement_terms`` is empty before the first rotation.
    """

    generation: int
    renewed_on: date
    crl_number: int
    revoked_signers: tuple[int, ...] = ()
    issuing_state: IssuingState = field(default_factory=IssuingState)
    root_generation: int = 1
    verifier_generation: int = 1
    document_verifier_key: int = 1
    entitlement_terms: tuple[SignerTerm, ...] = ()

    @property
    def entitlement_generation(self) -> int:
        """The entitlement signer in office."""
        return self.entitlement_terms[-1].generation if self.entitlement_terms else 1


_CODEC = TypeAdapter(AuthorityState)


def read_state(directory: Path) -> AuthorityState:
    """The state in force; raises AuthorityMissing."""
    try:
        raw: dict[str, JsonValue] = json.loads((directory / STATE_FILE).read_text(encoding="utf-8"))
        return _CODEC.validate_python(raw)
    except (OSError, ValueError) as error:
        cause = None if isinstance(error, ValidationError) else error
        raise AuthorityMissing("no key ceremony was finished here: ./run keys ceremony") from cause


def write_state(directory: Path, state: AuthorityState) -> None:
    """Makes ``state`` the one in force: everything it names must be there already."""
    plain = asdict(state)
    # As text: a serial has up to 160 bits, more than JSON readers keep in a number.
    plain["revoked_signers"] = [str(serial) for serial in state.revoked_signers]
    text = json.dumps(plain, indent=2, default=date.isoformat) + "\n"
    write_durably(directory / STATE_FILE, text.encode())
