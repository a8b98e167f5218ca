"""SCP03: a chip with transport keys is written, torn, tampered with, and derived by an independent computation."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC

from card_service.errors import CardError, CardGone, CardRefused, ChannelBroken
from card_service.personalisation import lock_card, prepare_chip, write_card
from card_service.scp03 import ChipNotOurs, Scp03Challenge
from card_service.scp03_keys import Scp03SessionKeys, TransportKeyKind, derive_session_keys, transport_key_message
from hardware_sim.card.faults import CardFault, FaultKind
from hardware_sim.card.virtual_card import VirtualCard
from tests.unit.card_service_terminal.desk import REGISTRY, activate, present
from tests.unit.card_service_terminal.reader import SimulatedReader

MASTER = bytes(range(16))


def cmac(key: bytes, message: bytes) -> bytes:
    mac = CMAC(algorithms.AES(key))
    mac.update(message)
    return mac.finalize()


class Token:
    """Stands for the issuer's token: holds the master key of a batch, gives keys of one session."""

    def __init__(self, master: bytes = MASTER) -> None:
        self._master = master
        self.asked: list[Scp03Challenge] = []

    def session_keys(self, challenge: Scp03Challenge) -> Scp03SessionKeys:
        self.asked.append(challenge)
        enc, mac = (
            cmac(self._master, transport_key_message(kind, challenge.chip_serial))
            for kind in (TransportKeyKind.ENC, TransportKeyKind.MAC)
        )
        return derive_session_keys(
            lambda message: cmac(enc, message),
            lambda message: cmac(mac, message),
            host_challenge=challenge.host_challenge,
            card_challenge=challenge.card_challenge,
        )


def sealed_chip() -> VirtualCard:
    return VirtualCard.blank(transport_master_key=MASTER)


def test_a_chip_with_transport_keys_becomes_a_card_and_nothing_goes_in_plain() -> None:
    chip, token = sealed_chip(), Token()
    reader = SimulatedReader(chip)
    data = REGISTRY.package(prepare_chip(reader, keys=token))
    write_card(reader, data, keys=token)
    lock_card(reader, data, keys=token)
    assert {apdu[0] for apdu in reader.sent} <= {0x00, 0x80, 0x84}
    assert {apdu[1] for apdu in reader.sent if apdu[0] == 0x00} <= {0xCA, 0xA4}, "life state and SELECT only"
    assert len({challenge.card_challenge for challenge in token.asked}) == 3
    activate(reader, data)
    assert present(chip).details.counter == 1


def test_a_chip_with_transport_keys_takes_nothing_without_them() -> None:
    with pytest.raises(CardRefused, match="6982"):
        prepare_chip(SimulatedReader(sealed_chip()))
    with pytest.raises(ChipNotOurs):
        prepare_chip(SimulatedReader(sealed_chip()), keys=Token(bytes(16)))
    with pytest.raises(CardError):
        prepare_chip(SimulatedReader(VirtualCard.blank()), keys=Token())


def test_the_keys_of_a_session_are_those_of_the_standard_computed_apart() -> None:
    challenge = Scp03Challenge(b"SERIAL-1", b"hostchal", b"cardchal")
    keys = Token().session_keys(challenge)
    # NIST SP 800-108, counter mode; GlobalPlatform Amendment D, 4.1.5: written out, not taken from the code.
    context = challenge.host_challenge + challenge.card_challenge
    for constant, static, found in ((4, 1, keys.enc), (6, 2, keys.mac), (7, 2, keys.rmac)):
        static_key = cmac(MASTER, bytes([static]) + challenge.chip_serial)
        assert found == cmac(static_key, bytes(11) + bytes([constant, 0x00, 0x00, 0x80, 0x01]) + context)
    assert "SERIAL" not in repr(keys)
    assert keys.enc.hex() not in repr(keys)
    with pytest.raises(ValueError, match="8 bytes"):
        derive_session_keys(lambda m: m, lambda m: m, host_challenge=b"", card_challenge=b"")


class Tampering(SimulatedReader):
    """A line that changes one bit of one command or answer."""

    def __init__(self, chip: VirtualCard, at: int, *, is_answer: bool) -> None:
        super().__init__(chip)
        self._at, self._is_answer = at, is_answer
        self.has_changed = False

    def transmit(self, apdu: bytes) -> bytes:
        is_now = len(self.sent) + 1 == self._at
        if is_now and not self._is_answer:
            self.has_changed = True
            apdu = apdu[:-6] + bytes((apdu[-6] ^ 1,)) + apdu[-5:]
        answer = super().transmit(apdu)
        if is_now and self._is_answer and len(answer) > 2:
            self.has_changed = True
            # The last bytes of INITIALIZE UPDATE only count sessions; its challenge is what matters.
            place = 14 if apdu[1] == 0x50 else len(answer) - 3
            answer = answer[:place] + bytes((answer[place] ^ 1,)) + answer[place + 1 :]
        return answer


def test_a_bit_changed_on_the_line_is_noticed_whatever_it_hits() -> None:
    token = Token()
    plain = SimulatedReader(sealed_chip())
    prepare_chip(plain, keys=token)
    protected = [number for number, apdu in enumerate(plain.sent, start=1) if apdu[0] & 0x80]
    changed = noticed = 0
    for at in protected:
        for is_answer in (False, True):
            line = Tampering(sealed_chip(), at, is_answer=is_answer)
            try:
                prepare_chip(line, keys=token)
            except (ChannelBroken, ChipNotOurs, CardRefused):
                noticed += 1
            changed += line.has_changed
    print(f"\n{changed} changes of one bit, {noticed} noticed")  # noqa: T201
    assert noticed == changed > len(protected)


def test_a_chip_torn_at_any_command_of_its_preparation_is_prepared_again() -> None:
    token = Token()
    counting = SimulatedReader(sealed_chip())
    prepare_chip(counting, keys=token)
    for command in range(1, len(counting.sent) + 1):
        for kind in (FaultKind.CUT_NOT_DELIVERED, FaultKind.CUT_ANSWER_LOST):
            chip = sealed_chip()
            reader = SimulatedReader(chip)
            chip.faults.restart_counting()
            chip.faults.order(CardFault(kind, command))
            with pytest.raises(CardGone):
                prepare_chip(reader, keys=token)
            assert prepare_chip(SimulatedReader(chip), keys=token).serial
