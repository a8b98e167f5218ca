"""Finding the finger scanners whose services run on this machine, and having one prove who it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from enrolment.devices.ports import SensorError, SensorGarbage, SensorUnplugged, SensorUntrusted
from enrolment.devices.sbi.answers import DISCOVERED, SIGNED_INFOS, DeviceInfo, DiscoveredDevice
from enrolment.devices.sbi.capture import check_digital_id
from enrolment.devices.sbi.device_trust import DeviceTrust
from enrolment.devices.sbi.http_line import ask
from enrolment.devices.sbi.service_error import check_error
from enrolment.devices.sbi.signed_token import open_token, parse_object
from enrolment.devices.sbi.vocabulary import FINGER, PORTS, SPEC_VERSION, Environment, Path, Purpose, Verb

DISCOVERY_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """A finger device that a service on that port claims to have; nothing is proven yet."""

    port: int
    device: DiscoveredDevice


def find_devices(ports: Iterable[int] = PORTS, *, timeout_s: float = DISCOVERY_TIMEOUT_S) -> Iterator[FoundDevice]:
    """Every finger device of every service on these ports, in their order. Other programs' ports are passed over."""
    for port in ports:
        try:
            body = ask(port, Verb.DISCOVER, Path.DEVICE, {"type": FINGER}, timeout_s=timeout_s)
            devices = DISCOVERED.validate_json(body)
        except (SensorError, ValueError):
            continue
        yield from (FoundDevice(port, device) for device in devices)


def get_proven_device(
    ports: Iterable[int],
    trust: DeviceTrust,
    environment: Environment,
    *,
    now: datetime,
    purpose: Purpose = Purpose.REGISTRATION,
    timeout_s: float = DISCOVERY_TIMEOUT_S,
) -> tuple[int, DeviceInfo]:
    """Port and proven information of the first device that is trusted and registered for this use.

    Raises SensorUnplugged when there is none at all, else what was wrong with the last.
    """
    failure: SensorError = SensorUnplugged("no finger device was found")
    for port in dict.fromkeys(found.port for found in find_devices(ports, timeout_s=timeout_s)):
        try:
            info = _prove(port, trust, now=now, timeout_s=timeout_s)
            if info.env != environment or info.purpose != purpose or SPEC_VERSION not in info.specVersion:
                raise SensorUntrusted("the device is registered for something else")
            return port, info
        except SensorError as error:
            failure = error
    raise failure


def _prove(port: int, trust: DeviceTrust, *, now: datetime, timeout_s: float) -> DeviceInfo:
    body = ask(port, Verb.INFO, Path.INFO, {"type": FINGER}, timeout_s=timeout_s)
    try:
        signed, *_ = SIGNED_INFOS.validate_json(body)
    except ValueError as error:
        raise SensorGarbage("not information about a device") from error
    check_error(signed.error)
    payload = open_token(signed.deviceInfo, trust, now=now)
    try:
        info = DeviceInfo.model_validate(parse_object(payload))
    except ValueError as error:
        raise SensorGarbage("the device's information cannot be read") from error
    check_digital_id(info.digitalId, info.deviceCode, trust, now=now)
    return info
