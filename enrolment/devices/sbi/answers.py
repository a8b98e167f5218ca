"""What device services answer, as far as we read it. Fields that we do not know are left alone: makers add some."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from enrolment.devices.sbi.vocabulary import ErrorCode


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


#: Examples in the specification have a list; some services send the one word.
Words = Annotated[tuple[str, ...], BeforeValidator(_as_list)]


class Answer(BaseModel):
    """What is wrong with an answer is told without repeating it: it may hold a finger."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class ServiceError(Answer):
    """``errorCode`` "0", or no error at all, means success."""

    errorCode: str = ErrorCode.SUCCESS.value
    errorInfo: str = ""


class DiscoveredDevice(Answer):
    """One device of MOSIPDISC; nothing in it is signed, so it only says where to ask."""

    deviceId: str = ""
    deviceStatus: str = ""
    deviceCode: str = ""
    specVersion: Words = ()
    purpose: str = ""
    error: ServiceError | None = None


class SignedDeviceInfo(Answer):
    """One device of MOSIPDINFO: a signed token of DeviceInfo."""

    deviceInfo: str = ""
    error: ServiceError | None = None


class DeviceInfo(Answer):
    deviceId: str
    deviceStatus: str
    deviceCode: str
    digitalId: str
    env: str
    purpose: str
    specVersion: Words


class DigitalId(Answer):
    """Who the device is, signed by its trust module (L1) or its device key (L0)."""

    serialNo: str
    type: str
    dateTime: datetime


class CapturedBiometric(Answer):
    """One of the biometrics of an answer: the signed token of BiometricData, and what stands beside it unsigned."""

    specVersion: str = ""
    data: str = Field(default="", repr=False)
    hash: str = ""
    sessionKey: str = Field(default="", repr=False)
    thumbprint: str = ""
    error: ServiceError | None = None


class CaptureAnswer(Answer):
    biometrics: tuple[CapturedBiometric, ...]


class BiometricData(Answer):
    digitalId: str
    deviceCode: str
    bioType: str
    bioSubType: str
    purpose: str
    env: str
    domainUri: str = ""
    bioValue: str = Field(repr=False)
    transactionId: str
    timestamp: datetime
    #: Some services send text, others a number.
    requestedScore: float = Field(ge=0, le=100)
    qualityScore: float = Field(ge=0, le=100)


DISCOVERED = TypeAdapter(tuple[DiscoveredDevice, ...])
SIGNED_INFOS = TypeAdapter(tuple[SignedDeviceInfo, ...])
