"""What the kiosk is told from outside: where its files lie, and where the desk's devices are."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from domain.errors import ProjectError
from enrolment.devices.sbi.vocabulary import Environment

_SHA256 = "^[0-9a-fA-F]{64}$"


class SettingsRefused(ProjectError):
    """The desk's file is missing or says something else than where devices are."""

    code = "kiosk.settings_refused"
    message_key = "kiosk.settings_refused"


class SensorKind(StrEnum):
    """Which driver reads fingers."""

    #: A ZFM-20 or a relative of it at a serial port.
    ZFM = "zfm"
    #: A certified scanner behind MOSIP's Secure Biometric Interface on this machine.
    SBI = "sbi"


class FaceModelPlan(BaseModel):
    """A face model that the programme has approved for this desk; docs/faces.md says what each field means.

    The digests pin the files; ``detector`` may stay empty. ``one_in`` is stated by the programme for ``threshold``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=80)
    recogniser: str = Field(min_length=1)
    recogniser_sha256: str = Field(pattern=_SHA256)
    detector: str = ""
    detector_sha256: str = Field(default="", pattern=f"{_SHA256}|^$")
    threshold: float = Field(gt=0, lt=1)
    one_in: int = Field(ge=2)

    @model_validator(mode="after")
    def _detector_is_pinned(self) -> Self:
        if bool(self.detector) != bool(self.detector_sha256):
            raise ValueError("a detector and its SHA-256 go together")
        return self


class DeskPlan(BaseModel):
    """Where the devices of one desk are. The same file describes a real desk and a simulated one.

    ``reader_names`` are the PC/SC names of the holder's and of the officer's reader; ``pcsc_socket`` is empty where the
    machine's own reader service is used. ``card_printer_url`` is an address, or a folder for files.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    pcsc_socket: str = ""
    reader_names: tuple[str, str]
    sensor_kind: SensorKind = SensorKind.ZFM
    #: The serial port; empty for SBI.
    sensor_port: str
    sensor_baud: int = 57_600
    #: For SBI: a PEM file of the device providers that are believed, what the device is registered for, and its ports.
    sensor_trust: str = ""
    sensor_environment: Environment = Environment.PRODUCTION
    sensor_first_port: int = Field(default=4501, ge=1, le=65_535)
    sensor_last_port: int = Field(default=4600, ge=1, le=65_535)
    #: A command that prints the NFIQ 2 value of the PNG whose path comes last, e.g. "nfiq2 -F"; empty: none is asked.
    nfiq2_command: str = ""
    camera_url: str
    #: None: faces are judged by people alone.
    face_model: FaceModelPlan | None = None
    receipt_printer_host: str
    receipt_printer_port: int = Field(default=9100, ge=1, le=65_535)
    card_printer_url: str
    #: The registry as seen from this desk; empty: as given when the kiosk joined.
    registry_url: str = ""
    #: Whether blanks without transport keys may be written here: only where the stock was bought open.
    takes_open_stock: bool = False


def read_desk_plan(path: Path) -> DeskPlan:
    """The plan in that file; SettingsRefused with what is wrong."""
    try:
        return DeskPlan.model_validate_json(path.read_bytes())
    except OSError as error:
        raise SettingsRefused(f"the desk's file cannot be read: {path}") from error
    except ValidationError as error:
        fields = ", ".join(str(each["loc"][0]) for each in error.errors() if each["loc"])
        raise SettingsRefused(f"the desk's file is wrong in: {fields or 'its form'}") from error
