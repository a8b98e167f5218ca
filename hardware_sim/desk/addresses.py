"""Where a desk's devices are found: written to a file that the kiosk reads."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from pydantic import BaseModel, ConfigDict


class DeskAddresses(BaseModel):
    """Everything a kiosk must be told to work at this desk, and where a person can poke it."""

    model_config = ConfigDict(frozen=True)

    name: str
    pid: int
    pcsc_socket: str
    """Value of PCSCLITE_CSOCK_NAME for every programme that is to see this desk's readers."""
    reader_names: tuple[str, str]
    """PC/SC names: reader 0 is the holder's, reader 1 the officer's."""
    sensor_port: str
    camera_url: str
    receipt_printer_host: str
    receipt_printer_port: int
    card_printer_url: str
    registry_url: str
    """The registry as seen over the desk's own network, which can fail."""
    takes_open_stock: bool = False
    """Whether the blanks in this desk's box have no transport keys, so that the kiosk must take them as they are."""
    control_url: str
    """The control API; the bench page is its root."""


def addresses_path(home: Path, name: str) -> Path:
    """The file a running desk of that name has written."""
    return home / "desks" / f"{name}.json"


def write_addresses(home: Path, addresses: DeskAddresses) -> None:
    """Write the file at once or not at all: whoever sees it may use the desk."""
    path = addresses_path(home, addresses.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, fresh = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(addresses.model_dump_json(indent=1))
    Path(fresh).replace(path)


def read_addresses(home: Path, name: str) -> DeskAddresses:
    """The addresses of a running desk; FileNotFoundError when it is not ready."""
    return DeskAddresses.model_validate_json(addresses_path(home, name).read_bytes())
