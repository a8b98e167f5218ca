"""The registry on the command line: ``python -m central_api serve|code|retire|appoint|hire|report|audit …``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

from central_api.app import create_app, open_registry
from central_api.audit.anchors import write_anchors
from central_api.audit.verification import verify_audit
from central_api.console.day_report import read_report
from central_api.context import Registry
from central_api.duplicates.gallery_search import GallerySearch, IndexPlace
from central_api.finger_search import FingerSearch
from central_api.hiring import Organisation
from central_api.keys_cli import DEFAULT_HOME, open_or_create_authority
from central_api.kiosks.service import give_code, retire_kiosk
from central_api.operators.service import appoint, deactivate, reinstate
from central_api.organisations.service import give_desk, hire
from central_api.sample.loading import load_sample
from central_api.serving import listen, serve, url_of
from central_api.settings import read_settings
from central_api.vault import load_secret
from domain.errors import ProjectError
from domain.ids import KioskId, OperatorId, PersonId
from domain.messages.kiosks import Role

HOST = "127.0.0.1"
PORT = 8080


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 done, 1 refused or found wrong (with the reason), 2 wrong usage."""
    options = _parser().parse_args(arguments)
    action: Callable[[argparse.Namespace], int] = options.action
    try:
        return action(options)
    except ProjectError as error:
        sys.stderr.write(f"{error.code}: {error}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="registry", description=__doc__)
    commands = parser.add_subparsers(required=True, dest="command")

    serving = _add(commands, "serve", _serve, "answer kiosks and show the console")
    serving.add_argument("--host", default=HOST)
    serving.add_argument("--port", type=int, default=PORT, help="0 takes a free one; see registry.json in the home")
    serving.add_argument("--sample", action="store_true", help="with an invented district, and keys made if missing")
    serving.add_argument("--all-schemes", action="store_true", help="the sample with 45 schemes instead of ten")

    code = _add(commands, "code", _code, "a one-time code for a new kiosk")
    code.add_argument("--purpose", default="new kiosk")

    retiring = _add(commands, "retire", _retire, "take a kiosk out of service; it forgets the fingers of its area")
    retiring.add_argument("kiosk_id")

    appointing = _add(commands, "appoint", _appoint, "make a registered person an operator")
    appointing.add_argument("person_id")
    appointing.add_argument("role", choices=[str(role) for role in Role])

    for name, text in (("deactivate", "take an operator out of office"), ("reinstate", "put one back into office")):
        _add(commands, name, _put_office, text).add_argument("operator_id")

    hiring = _add(commands, "hire", _hire, "an organisation that runs desks, and how many cards were agreed")
    hiring.add_argument("organisation_id")
    hiring.add_argument("name")
    hiring.add_argument("card_quota", type=int)
    hiring.add_argument("--dismissed", action="store_true", help="it issues no more cards")
    hiring.add_argument("--desk", action="append", default=[], help="a kiosk that it runs; may be given again")

    _add(commands, "report", _report, "cards, deliveries with their proof, and denials, as JSON")

    audit = _add(commands, "audit", _audit, "check the audit chains from first line to head")
    audit.add_argument("what", choices=["verify"])
    return parser


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    action: Callable[[argparse.Namespace], int],
    text: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text)
    command.add_argument("--home", type=Path, default=DEFAULT_HOME, help="data directory of the registry")
    command.set_defaults(action=action)
    return command


def _open(home: Path, fingers: FingerSearch | None = None) -> Registry:
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = read_settings(home)
    authority = open_or_create_authority(settings.keys_directory, today=datetime.now(UTC).date())
    return open_registry(settings, authority, fingers or GallerySearch())


def _serve(options: argparse.Namespace) -> int:
    try:
        listener = listen(options.host, options.port)
    except OSError as error:
        sys.stderr.write(f"cannot listen on {options.host}:{options.port}: {error.strerror}\n")
        return 1
    with closing(listener):
        options.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        index_key = load_secret(read_settings(options.home).keys_directory / "finger-index.key")
        fingers = GallerySearch(IndexPlace(options.home / "finger-index", index_key))
        Thread(target=fingers.warm_up, daemon=True).start()
        registry = _open(options.home, fingers)
        url = url_of(listener)
        if options.sample:
            codes = load_sample(registry, has_all_schemes=options.all_schemes)
            sys.stdout.write("".join(f"one-time code for a kiosk: {code}\n" for code in codes))
        sys.stdout.write(f"registry: {url}   console: {url}/console   interface: {url}/openapi.json\n")
        sys.stdout.flush()
        serve(create_app(registry), registry, listener)
    return 0


def _code(options: argparse.Namespace) -> int:
    registry = _open(options.home)
    with closing(registry.database):
        with registry.begin() as transaction:
            code = give_code(transaction, options.purpose)
        sys.stdout.write(f"{code}\n")
    return 0


def _retire(options: argparse.Namespace) -> int:
    registry = _open(options.home)
    with closing(registry.database), registry.begin() as transaction:
        retire_kiosk(transaction, KioskId(options.kiosk_id))
    sys.stdout.write(f"{options.kiosk_id} out of service\n")
    return 0


def _appoint(options: argparse.Namespace) -> int:
    registry = _open(options.home)
    with closing(registry.database):
        with registry.begin() as transaction:
            entry = appoint(transaction, PersonId(options.person_id), Role(options.role))
        sys.stdout.write(f"{entry.operator_id} {entry.role}\n")
    return 0


def _put_office(options: argparse.Namespace) -> int:
    put = deactivate if options.command == "deactivate" else reinstate
    registry = _open(options.home)
    with closing(registry.database):
        with registry.begin() as transaction:
            entry = put(transaction, OperatorId(options.operator_id))
        sys.stdout.write(f"{entry.operator_id} {'in office' if entry.is_active else 'out of office'}\n")
    return 0


def _hire(options: argparse.Namespace) -> int:
    registry = _open(options.home)
    organisation = Organisation(
        options.organisation_id, options.name, options.card_quota, is_active=not options.dismissed
    )
    with closing(registry.database):
        with registry.begin() as transaction:
            hire(transaction, organisation)
            for desk in options.desk:
                give_desk(transaction, organisation.id, KioskId(desk))
        sys.stdout.write(f"{organisation.id}: {organisation.card_quota} cards, desks: {len(options.desk)}\n")
    return 0


def _report(options: argparse.Namespace) -> int:
    registry = _open(options.home)
    with closing(registry.database), registry.database.read() as connection:
        sys.stdout.write(read_report(connection).model_dump_json() + "\n")
    return 0


def _audit(options: argparse.Namespace) -> int:
    registry = _open(options.home)
    with closing(registry.database):
        result = verify_audit(registry)
        for stream in result.streams:
            state = "ok" if stream.trouble is None else f"{stream.trouble} at line {stream.broken_at}"
            sys.stdout.write(f"{stream.stream:12} {stream.lines:8} lines   {state}\n")
        if result.ok:
            write_anchors(registry)
        verdict = "whole" if result.ok else "BROKEN"
        sys.stdout.write(f"{verdict}: {result.lines} lines, {result.anchors} signed heads, head {result.head}\n")
    return 0 if result.ok else 1


if __name__ == "__main__":
    raise SystemExit(main())
