"""``python -m kiosk``: join a registry, run a desk, issue an officer's card, look at issued cards."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from domain.errors import ProjectError
from domain.ids import AreaCode, OperatorId
from kiosk.ui import Ui

_CANNOT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0, or 2 with the reason on standard error."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        return int(options.command(options))
    except ProjectError as error:
        print(f"{error.code}: {error}", file=sys.stderr)
        return _CANNOT


def _join(options: argparse.Namespace) -> int:
    from kiosk.joining import join

    identity = asyncio.run(join(options.home, options.registry, options.code, options.name, AreaCode(options.area)))
    print(identity.kiosk_id)
    return 0


def _run(options: argparse.Namespace) -> int:
    from kiosk.bootstrap import DeskProgramme

    programme = DeskProgramme(options.home, options.desk)
    if options.headless:
        from kiosk.headless import run_headless

        run_headless(programme.run, pilot_socket=options.pilot, language=options.language)
        return 0
    from kiosk.app import run_kiosk

    run_kiosk(
        programme.run,
        pilot_socket=options.pilot,
        size_px=options.size,
        language=options.language,
        fullscreen=options.fullscreen,
    )
    return 0


def _officer_card(options: argparse.Namespace) -> int:
    from kiosk.bootstrap import DeskProgramme
    from kiosk.headless import run_headless

    programme, issued = DeskProgramme(options.home, options.desk), []

    async def issue(ui: Ui) -> None:
        issued.append(await programme.issue_officer_card(ui, OperatorId(options.operator)))

    run_headless(issue, pilot_socket=options.pilot, language=options.language)
    number = issued[0] if issued else None
    if number is None:
        print("no card was issued", file=sys.stderr)
        return _CANNOT
    print(number)
    return 0


def _found(options: argparse.Namespace) -> int:
    from kiosk.bootstrap import DeskProgramme
    from kiosk.headless import run_headless

    programme, found = DeskProgramme(options.home, options.desk), []

    async def enrol(ui: Ui) -> None:
        found.append(await programme.found(ui))

    run_headless(enrol, pilot_socket=options.pilot, language=options.language)
    person_id = found[0] if found else None
    if person_id is None:
        print("the registration was not finished", file=sys.stderr)
        return _CANNOT
    print(person_id)
    return 0


def _card_list(options: argparse.Namespace) -> int:
    from kiosk.bootstrap import list_cards

    for number in list_cards(options.home):
        print(number)
    return 0


def _card_export(options: argparse.Namespace) -> int:
    from kiosk.bootstrap import export

    for path in export(options.home, options.number, options.directory):
        print(path)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m kiosk", description="The help desk of Single Window")
    commands = parser.add_subparsers(required=True)
    join = commands.add_parser("join", help="make keys and join a registry with a one-time code")
    root = Path(os.environ.get("SINGLE_WINDOW_HOME", "var"))
    join.add_argument("--home", type=Path, default=root / "kiosks" / "desk1", help="folder of the kiosk")
    for name, words in (("registry", "address"), ("code", "one-time code"), ("name", "desk's name"), ("area", "code")):
        join.add_argument(f"--{name}", required=True, help=words)
    join.set_defaults(command=_join)
    run = commands.add_parser("run", help="run the desk")
    _add_desk(run)
    run.add_argument("--headless", action="store_true", help="without a window, driven by the pilot")
    run.add_argument("--size", type=_size, default=(1280, 800), help="of the window, such as 1280x800")
    run.add_argument("--fullscreen", action="store_true")
    run.set_defaults(command=_run)
    found = commands.add_parser("found", help="register the very first officer; prints the person's id to appoint")
    _add_desk(found)
    found.set_defaults(command=_found)
    officer = commands.add_parser("officer-card", help="issue an appointed officer's card; the first signs for itself")
    _add_desk(officer)
    officer.add_argument("--operator", required=True, help="id of the appointed operator")
    officer.set_defaults(command=_officer_card)
    _add_card(commands.add_parser("card", help="the cards of the simulated desk"))
    return parser


def _add_card(card: argparse.ArgumentParser) -> None:
    cards = card.add_subparsers(required=True)
    listing = cards.add_parser("list", help="numbers of the issued cards, the newest last")
    _add_home(listing)
    listing.set_defaults(command=_card_list)
    export = cards.add_parser("export", help="files of one card as read over PC/SC")
    _add_home(export)
    export.add_argument("number")
    export.add_argument("directory", type=Path)
    export.set_defaults(command=_card_export)


def _add_home(parser: argparse.ArgumentParser) -> None:
    home = Path(os.environ.get("SINGLE_WINDOW_HOME", "var"))
    parser.add_argument("--home", type=Path, default=home, help="folder of the kiosk, or of the simulated desk")


def _add_desk(parser: argparse.ArgumentParser) -> None:
    root = Path(os.environ.get("SINGLE_WINDOW_HOME", "var"))
    parser.add_argument("--home", type=Path, default=root / "kiosks" / "desk1", help="folder of the kiosk")
    desk = root / "desks" / "desk1.json"
    parser.add_argument("--desk", type=Path, default=desk, help="the desk's file: where its devices are")
    parser.add_argument("--pilot", type=Path, help="socket for a programme that touches the screen")
    parser.add_argument("--language", default="en")


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


if __name__ == "__main__":
    sys.exit(main())
