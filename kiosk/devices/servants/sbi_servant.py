"""The process of a certified scanner: the same calls as any finger sensor's."""

from __future__ import annotations

from pathlib import Path

from enrolment.devices.sbi.sbi_sensor import open_sbi
from enrolment.devices.sbi.vocabulary import PORTS, Environment
from kiosk.devices.servants.fingerprint_servant import FingerprintServant
from kiosk.devices.servants.settings_reading import Settings, number, text


def make(settings: Settings) -> FingerprintServant:
    """For the first scanner on the ports that the anchors in the file ``trust`` vouch for, in that ``environment``."""
    trust, environment = Path(text(settings, "trust")), Environment(text(settings, "environment"))
    ports = range(number(settings, "first_port", PORTS[0]), number(settings, "last_port", PORTS[-1]) + 1)
    return FingerprintServant(lambda: open_sbi(trust, environment=environment, ports=ports))
