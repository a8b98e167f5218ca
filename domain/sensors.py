"""Which device took a picture of a finger: goes with each capture and each outcome, so that a bad one is found."""

from __future__ import annotations

from pydantic import Field

from domain.record import Record

_LONGEST = 80


class SensorIdentity(Record):
    """A fingerprint sensor as it names itself. Says nothing of the person."""

    #: The kind of driver, e.g. ``zfm`` or ``sbi``.
    driver: str = Field(min_length=1, max_length=_LONGEST)
    #: Maker and model; empty where the device does not say.
    model: str = Field(default="", max_length=_LONGEST)
    #: Empty where the device has none.
    serial: str = Field(default="", max_length=_LONGEST)

    @property
    def kind(self) -> str:
        """What all devices of this kind share."""
        return f"{self.driver} {self.model}".strip()

    def name_at(self, desk: str) -> str:
        """This very device; one without a serial number is named by the desk where it stands."""
        return f"{self.kind} {self.serial}" if self.serial else f"{self.kind} at {desk}"
