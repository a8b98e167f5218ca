"""Key derivation, tokens and nonces against the worked example of ICAO 9303-11, appendix G.1."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from card_service.apdu import CommandApdu
from card_service.connection import Transport
from card_service.errors import ChannelBroken, ChipNotGenuine
from card_service.secure_messaging import ChannelKeys, SecureChannel, derive_channel_keys, derive_key

SHARED_SECRET = bytes.fromhex("28768D20701247DAE81804C9E780EDE582A9996DB4A315020B2733197DB84925")


def test_channel_keys_are_those_of_the_worked_example() -> None:
    keys = derive_channel_keys(SHARED_SECRET)
    assert keys.enc.hex().upper() == "F5F0E35C0D7161EE6724EE513A0D9A7F"
    assert keys.mac.hex().upper() == "FE251C7858B356B24514B3BD5F4297D1"


def test_the_password_key_opens_the_nonce_of_the_worked_example() -> None:
    password = bytes.fromhex("7E2D2A41C74EA0B38CD36F863939BFA8E9032AAD")
    key = derive_key(password, 3)
    assert key.hex().upper() == "89DED1B26624EC1E634C1989302849DD"
    decryptor = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).decryptor()
    nonce = decryptor.update(bytes.fromhex("95A3A016522EE98D01E76CB6B98B42C3"))
    assert nonce.hex().upper() == "3F00C4D39D153F2B2A214A078D899B22"


class FixedAnswer:
    """A card that gives one answer to everything."""

    atr = b""

    def __init__(self, answer: str) -> None:
        self._answer = bytes.fromhex(answer)

    def transmit(self, apdu: bytes) -> bytes:
        return self._answer

    def close(self) -> None:
        """Nothing to let go of."""


def channel(answer: str, *, proves_chip: bool = False) -> SecureChannel:
    keys = ChannelKeys(bytes(16), bytes(range(16)))
    return SecureChannel(Transport(FixedAnswer(answer)), keys, proves_chip=proves_chip)


ASK = CommandApdu(0, 0xB0, 0, 0, le=4)
NOT_PROTECTED = ["9000", "6988", "010203049000", "990290009000", "99029000" + "8e08" + "00" * 8 + "9000"]


@pytest.mark.parametrize("answer", NOT_PROTECTED)
def test_an_answer_that_is_not_protected_ends_the_channel_for_good(answer: str) -> None:
    broken = channel(answer)
    with pytest.raises(ChannelBroken):
        broken.send(ASK)
    with pytest.raises(ChannelBroken, match="ended"):
        broken.send(ASK)


@pytest.mark.parametrize("answer", NOT_PROTECTED)
def test_the_same_answer_after_chip_authentication_means_a_copy(answer: str) -> None:
    with pytest.raises(ChipNotGenuine):
        channel(answer, proves_chip=True).send(ASK)


def test_keys_never_show_in_a_log() -> None:
    assert "00" not in repr(ChannelKeys(bytes(16), bytes(16)))
