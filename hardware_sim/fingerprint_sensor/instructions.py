"""Instruction and confirmation codes of the ZFM-20 family.

ZFM-20 user manual ("System instructions"), R30X manual for 0x17, R503 manual for 0x35, 0x40 and 0xFC.
"""

from __future__ import annotations

from enum import IntEnum


class Instruction(IntEnum):
    """The first payload byte of a command."""

    READ_IMAGE = 0x01
    CONVERT_IMAGE = 0x02
    COMPARE_CHARACTERISTICS = 0x03
    SEARCH = 0x04
    CREATE_TEMPLATE = 0x05
    STORE_TEMPLATE = 0x06
    LOAD_TEMPLATE = 0x07
    CHARACTERISTICS_TO_HOST = 0x08
    CHARACTERISTICS_FROM_HOST = 0x09
    IMAGE_TO_HOST = 0x0A
    IMAGE_FROM_HOST = 0x0B
    DELETE_TEMPLATES = 0x0C
    CLEAR_TEMPLATES = 0x0D
    SET_PARAMETER = 0x0E
    READ_PARAMETERS = 0x0F
    SET_PASSWORD = 0x12
    VERIFY_PASSWORD = 0x13
    RANDOM_NUMBER = 0x14
    SET_ADDRESS = 0x15
    PORT_CONTROL = 0x17
    WRITE_NOTEPAD = 0x18
    READ_NOTEPAD = 0x19
    FAST_SEARCH = 0x1B
    TEMPLATE_COUNT = 0x1D
    TEMPLATE_INDEX = 0x1F
    LIGHT = 0x35
    SOFT_RESET = 0x3D
    HANDSHAKE = 0x40
    ECHO = 0x53


class Confirmation(IntEnum):
    """The first payload byte of an answer."""

    OK = 0x00
    RECEIVE_ERROR = 0x01
    NO_FINGER = 0x02
    IMAGE_FAILED = 0x03
    TOO_MESSY = 0x06
    TOO_FEW_POINTS = 0x07
    NOT_MATCHING = 0x08
    NOT_FOUND = 0x09
    COMBINE_FAILED = 0x0A
    BAD_POSITION = 0x0B
    LOAD_FAILED = 0x0C
    CHARACTERISTICS_UPLOAD_FAILED = 0x0D
    DATA_REFUSED = 0x0E
    IMAGE_UPLOAD_FAILED = 0x0F
    DELETE_FAILED = 0x10
    CLEAR_FAILED = 0x11
    WRONG_PASSWORD = 0x13
    NO_IMAGE = 0x15
    FLASH_ERROR = 0x18
    BAD_REGISTER = 0x1A
    WRONG_NOTEPAD_PAGE = 0x1C
    PASSWORD_NEEDED = 0x21
    ECHO_OK = 0x55
    UNSUPPORTED = 0xFC


class Parameter(IntEnum):
    """What SET_PARAMETER may set."""

    BAUD = 4
    SECURITY_LEVEL = 5
    PACKET_SIZE = 6
