"""A sensor without a number of its own is known by the USB adapter that it hangs on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from enrolment.devices.usb_adapter import find_adapter_serial


@dataclass
class Port:
    device: str
    serial_number: str | None = None


def test_a_link_to_the_port_leads_to_the_adapters_number(tmp_path: Path) -> None:
    for name in ("ttyUSB0", "ttyUSB1"):
        (tmp_path / name).touch()
    link = tmp_path / "by-id"
    link.symlink_to(tmp_path / "ttyUSB1")
    ports = [Port(str(tmp_path / "ttyUSB0"), "A1"), Port(str(tmp_path / "ttyUSB1"), "B2")]
    assert find_adapter_serial(str(link), ports) == "B2"


def test_an_adapter_without_a_number_and_a_port_that_is_none_have_none(tmp_path: Path) -> None:
    (tmp_path / "ttyUSB0").touch()
    assert find_adapter_serial(str(tmp_path / "ttyUSB0"), [Port(str(tmp_path / "ttyUSB0"))]) == ""
    assert find_adapter_serial(str(tmp_path / "pty"), []) == ""
    assert find_adapter_serial(str(tmp_path / "pty")) == ""
