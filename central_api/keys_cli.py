"""The signing keys of the registry on the command line: ``python -m central_api.keys_cli ACTION``."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from card_service.authority import Authority
from card_service.ceremony import create_authority, has_authority, open_authority, open_keys, renew_authority
from card_service.country_certificates import ROOT_SIGNING, SIGNER_SIGNING
from card_service.document_signer import load_root
from card_service.rotation import Rotation
from card_service.transport_key import combine_components, import_transport_key
from central_api.keys_told import tell_kiosks
from central_api.settings import Settings, read_settings
from domain.errors import ProjectError

DEFAULT_HOME = Path("var/registry")
#: Below ``Settings.keys_directory``, beside the secrets of the vault.
AUTHORITY_DIRECTORY = "authority"
#: Renewal is due so long before the three months are over.
RENEWAL_DUE = timedelta(days=14)
#: A root is followed so long before its time is over: kiosks that are rarely online must meet the link.
ROTATION_DUE = timedelta(days=180)


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


def root_signing_ends(authority: Authority) -> date:
    """The last day on which the country root may certify document signers."""
    return load_root(authority.certificates.csca_der).certificate.not_valid_before_utc.date() + ROOT_SIGNING


def describe(authority: Authority, *, today: date) -> list[str]:
    """What there is to know of the keys; public values only."""
    ends, root_ends = signing_ends(authority), root_signing_ends(authority)
    state, certificates = authority.state, authority.certificates
    dv, cvca = certificates.dv, certificates.cvca
    serial = load_root(certificates.ds_der).certificate.serial_number
    retired = sum(term.signs_until is not None for term in state.entitlement_terms)
    return [
        f"issuing state       {state.issuing_state.alpha3} ({state.issuing_state.organisation})",
        f"generation          {state.generation}, of {state.renewed_on}",
        f"country root        {state.root_generation}, certifies until {root_ends}"
        f" ({_due('rotate-csca', root_ends - ROTATION_DUE, today)})",
        f"document signer     signs until {ends} ({_due('renew', ends - RENEWAL_DUE, today)}), serial {serial}",
        f"document verifier   {dv.holder_reference}, until {dv.expires_on}",
        f"country verifier    {cvca.holder_reference}, until {cvca.expires_on}"
        f" ({_due('rotate-cvca', cvca.expires_on - ROTATION_DUE, today)})",
        f"entitlement signer  {state.entitlement_generation}, {retired} retired",
        f"revocation list     number {state.crl_number}, {len(state.revoked_signers)} signers revoked",
        f"receipt key         {authority.receipt_key.hex()}",
    ]


def _due(action: str, on: date, today: date) -> str:
    return f"{action} now" if today >= on else f"{action} by {on}"


def main(arguments: Sequence[str] | None = None, *, today: date | None = None) -> int:
    """Exit code: 0 done, 1 refused (with the reason). ``today`` is for rehearsals and tests."""
    options = _parser().parse_args(arguments)
    settings = read_settings(options.home)
    on = today or datetime.now(UTC).date()
    action: _Action = options.action
    try:
        next_step = action(options, settings, on)
        lines = describe(open_authority(authority_directory(settings.keys_directory)), today=on)
    except ProjectError as error:
        sys.stderr.write(f"{error.code}: {error}\n")
        return 1
    sys.stdout.write("\n".join(lines) + "\n")
    if next_step:
        sys.stdout.write(f"next: {next_step}\n")
    return 0


_Action = Callable[[argparse.Namespace, Settings, date], str]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="keys", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="ACTION")
    actions: tuple[tuple[str, _Action, str], ...] = (
        ("ceremony", _ceremony, "make all keys and certificates, once"),
        ("status", _status, "what is in force, and what is due when"),
        ("renew", _renew, "a new document signer and DV; kiosks get new terminal certificates"),
        ("rotate-csca", _rotate_csca, "a new country root, with the link from the old one"),
        ("rotate-cvca", _rotate_cvca, "a new root of terminal rights, with the link that cards follow"),
        ("rotate-entitlement-signer", _rotate_entitlement_signer, "a new signer of statements and lists"),
        ("revoke-document-signer", _revoke, "put a document signer on the signed list"),
        ("import-transport-key", _import_transport_key, "the master key of a batch of chips, from two custodians"),
    )
    for name, action, text in actions:
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--home", type=Path, default=DEFAULT_HOME, help="data directory of the registry")
        command.set_defaults(action=action)
        if action is _rotate_entitlement_signer:
            command.add_argument("--compromised", action="store_true", help="believe nothing that the old key signed")
        if action is _revoke:
            command.add_argument("serial", type=int, help="its serial number, as status shows it")
        if action is _import_transport_key:
            command.add_argument("batch", help="name of the maker's batch")
            command.add_argument("--check-value", help="six hex digits that the maker gave")
    return parser


def _ceremony(_options: argparse.Namespace, settings: Settings, today: date) -> str:
    create_authority(authority_directory(settings.keys_directory), today=today)
    return "start the registry; let kiosks join"


def _status(_options: argparse.Namespace, _settings: Settings, _today: date) -> str:
    return ""


def _renew(_options: argparse.Namespace, settings: Settings, today: date) -> str:
    return _change(settings, "renewed", lambda rotation: rotation.renew(today=today))


def _rotate_csca(_options: argparse.Namespace, settings: Settings, today: date) -> str:
    return _change(settings, "csca_rotated", lambda rotation: rotation.rotate_root(today=today))


def _rotate_cvca(_options: argparse.Namespace, settings: Settings, today: date) -> str:
    return _change(settings, "cvca_rotated", lambda rotation: rotation.rotate_verifier(today=today))


def _rotate_entitlement_signer(options: argparse.Namespace, settings: Settings, today: date) -> str:
    is_compromised: bool = options.compromised
    step = _change(
        settings,
        "entitlement_signer_rotated",
        lambda rotation: rotation.rotate_entitlement_signer(today=today, is_compromised=is_compromised),
    )
    return step + ("; give every card in force a new statement" if is_compromised else "")


def _revoke(options: argparse.Namespace, settings: Settings, today: date) -> str:
    serial: int = options.serial
    step = _change(settings, "signer_revoked", lambda rotation: rotation.revoke_signer(serial, today=today))
    return step + "; cards that this signer signed are refused from then on: plan their replacement"


def _change(settings: Settings, action: str, change: Callable[[Rotation], object]) -> str:
    """Carries out the change, tells the registry, and says what is left to do."""
    directory = authority_directory(settings.keys_directory)
    if not has_authority(directory):
        open_authority(directory)
    with open_keys(directory) as keys:
        change(Rotation(directory, keys))
    was_told = tell_kiosks(settings, action)
    return (
        "kiosks take it up with their next sync" if was_told else "start the registry; kiosks take it up as they join"
    )


def _import_transport_key(options: argparse.Namespace, settings: Settings, _today: date) -> str:
    batch: str = options.batch
    key = combine_components(_ask("first custodian's part"), _ask("second custodian's part"))
    with open_keys(authority_directory(settings.keys_directory)) as keys:
        value = import_transport_key(keys, batch, key, expected=options.check_value)
    return f"batch {batch} is held, check value {value}: compare it with the maker's, then destroy both parts"


def _ask(prompt: str) -> str:
    """A secret from the keyboard unseen, or a line of standard input; never from the command line."""
    return getpass.getpass(f"{prompt}: ") if sys.stdin.isatty() else sys.stdin.readline()


if __name__ == "__main__":
    raise SystemExit(main())
