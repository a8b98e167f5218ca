"""A new SoftHSM2 token with PINs that nobody has seen."""

from __future__ import annotations

import secrets
import subprocess
from pathlib import Path
from shutil import which

import pkcs11

from card_service.keys import SOFTHSM_CONF_VARIABLE, TOKEN_LABEL, load_module, write_configuration
from card_service.signing import KeyStoreUnavailable

SOFTHSM_TOOL = "softhsm2-util"
PIN_FILE = "pin"
_PIN_DIGITS = 16
_TIMEOUT_S = 30


def create_token(directory: Path) -> str:
    """A token in that data directory and its PIN, which is kept in a file that only its owner may read.

    For a sample registry and development: an office types the PIN, or a hardware module asks for its own.
    """
    tool = which(SOFTHSM_TOOL)
    if tool is None:
        raise KeyStoreUnavailable("SoftHSM2 is not installed (Debian: apt install softhsm2)")
    first_so_pin, first_pin = _new_pin(), _new_pin()
    configuration = write_configuration(directory)
    command = [tool, "--init-token", "--free", "--label", TOKEN_LABEL, "--so-pin", first_so_pin, "--pin", first_pin]
    try:
        subprocess.run(
            command,
            env={SOFTHSM_CONF_VARIABLE: str(configuration)},
            check=True,
            capture_output=True,
            timeout=_TIMEOUT_S,
        )
    except (subprocess.SubprocessError, OSError) as error:
        # Without the cause: it quotes the command with the PINs.
        raise KeyStoreUnavailable(f"the token could not be made: {type(error).__name__}") from None
    pin = _replace_pins(directory, first_so_pin, first_pin)
    write_secret_file(directory / PIN_FILE, pin)
    return pin


def read_pin(directory: Path) -> str:
    """The PIN that ``create_token`` kept."""
    try:
        return (directory / PIN_FILE).read_text(encoding="ascii").strip()
    except OSError as error:
        raise KeyStoreUnavailable("no PIN file: run ./run keys ceremony") from error


def write_secret_file(path: Path, text: str) -> None:
    """A new file that only its owner may read, there whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text + "\n", encoding="ascii")
    draft.replace(path)


def _replace_pins(directory: Path, first_so_pin: str, first_pin: str) -> str:
    """A new user PIN. The first ones stood on a command line, where any process may read them."""
    pin = _new_pin()
    token = load_module(directory).get_token(token_label=TOKEN_LABEL)
    try:
        with token.open(rw=True, so_pin=first_so_pin) as session:
            # Nobody is to unlock this token from outside: its second PIN is forgotten at once.
            session.set_pin(first_so_pin, _new_pin())
        with token.open(rw=True, user_pin=first_pin) as session:
            session.set_pin(first_pin, pin)
    except pkcs11.PKCS11Error as error:
        raise KeyStoreUnavailable(f"the PIN could not be set: {type(error).__name__}") from error
    return pin


def _new_pin() -> str:
    return "".join(secrets.choice("0123456789") for _ in range(_PIN_DIGITS))
