"""The signing keys of the registry on the command line: ``python -m central_api.keys_cli ceremony|status|renew``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from card_service.authority import Authority
from card_service.ceremony import create_authority, has_authority, open_authority, renew_authority
from card_service.country_certificates import SIGNER_SIGNING
from central_api.settings import read_settings
from domain.errors import ProjectError

DEFAULT_HOME = Path("var/registry")
#: Below ``Settings.keys_directory``, beside the secrets of the vault.
AUTHORITY_DIRECTORY = "authority"
#: Renewal is due so long before the three months are over.
RENEWAL_DUE = timedelta(days=14)


def authority_directory(keys_directory: Path) -> Path:
    """Where the token and the certificates of a registry lie."""
    return keys_directory / AUTHORITY_DIRECTORY


def open_or_create_authority(keys_directory: Path, *, today: date) -> Authority:
    """The registry's authority; a sample registry holds its ceremony on first start, and renews in time."""
    directory = authority_directory(keys_directory)
    if not has_authority(directory):
        create_authority(directory, today=today)
    authority = open_authority(directory)
    if today < signing_ends(authority) - RENEWAL_DUE:
        return authority
    renew_authority(directory, today=today)
    return open_authority(directory)


def signing_ends(authority: Authority) -> date:
    """The first day on which the document signer may sign no more."""
    return authority.state.renewed_on + SIGNER_SIGNING


def describe(authority: Authority, *, today: date) -> list[str]:
    """What there is to know of the keys; public values only."""
    ends = signing_ends(authority)
    state, dv, cvca = authority.state, authority.certificates.dv, authority.certificates.cvca
    due = "renew now" if today >= ends - RENEWAL_DUE else f"renew by {ends - RENEWAL_DUE}"
    return [
        f"issuing state       {state.issuing_state.alpha3} ({state.issuing_state.organisation})",
        f"generation          {state.generation}, of {state.renewed_on}",
        f"document signer     signs until {ends} ({due})",
        f"document verifier   {dv.holder_reference}, until {dv.expires_on}",
        f"country verifier    {cvca.holder_reference}, until {cvca.expires_on}",
        f"revocation list     number {state.crl_number}, {len(state.revoked_signers)} signers revoked",
        f"receipt key         {authority.receipt_key.hex()}",
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 done, 1 refused (with the reason)."""
    parser = argparse.ArgumentParser(prog="keys", description=__doc__)
    parser.add_argument("action", choices=("ceremony", "status", "renew"))
    parser.add_argument("--home", type=Path, default=DEFAULT_HOME, help="data directory of the registry")
    options = parser.parse_args(arguments)
    directory = authority_directory(read_settings(options.home).keys_directory)
    today = datetime.now(UTC).date()
    try:
        if options.action == "ceremony":
            create_authority(directory, today=today)
        if options.action == "renew":
            renew_authority(directory, today=today)
        lines = describe(open_authority(directory), today=today)
    except ProjectError as error:
        sys.stderr.write(f"{error.code}: {error}\n")
        return 1
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
