"""What has been proven since power-on. Volatile: it ends with the power and with the channel."""

from __future__ import annotations

from dataclasses import dataclass, field

from hardware_sim.card.file_header import AccessRule, SecurityCondition
from hardware_sim.card.secure_messaging import SecureChannel


@dataclass(frozen=True, slots=True)
class AuthenticatedTerminal:
    """The terminal that proved its certificate: reference, public key, effective rights."""

    holder_reference: bytes
    public_key: bytes
    rights: int


@dataclass(slots=True)
class SecurityState:
    """Channel and authentications of this session."""

    is_contact: bool = True
    channel: SecureChannel | None = None
    next_channel: SecureChannel | None = None
    chip_ephemeral_x: bytes = b""
    terminal_ephemeral_x: bytes = b""
    terminal: AuthenticatedTerminal | None = None
    is_pin_verified: bool = False
    conditions: SecurityCondition = field(default=SecurityCondition(0))

    def end_channel(self) -> None:
        """Forget everything that rested on the channel."""
        self.channel = self.next_channel = self.terminal = None
        self.chip_ephemeral_x = self.terminal_ephemeral_x = b""
        self.is_pin_verified = False
        self.conditions = SecurityCondition(0)

    def open_channel(self, channel: SecureChannel, proven: SecurityCondition) -> None:
        """From the next command on this channel is used, and these conditions hold."""
        self.next_channel = channel
        # The proofs of a terminal and of a holder are bound to the channel in which they were given.
        self.terminal, self.is_pin_verified = None, False
        kept = self.conditions & ~SecurityCondition.TERMINAL_AUTHENTICATION
        self.conditions = kept | proven | SecurityCondition.CHANNEL

    def start_next_channel(self) -> None:
        """To be called when the answer to a command has been protected."""
        if self.next_channel is not None:
            self.channel, self.next_channel = self.next_channel, None

    def accept_terminal(self, terminal: AuthenticatedTerminal) -> None:
        """The terminal has proven itself."""
        self.terminal = terminal
        self.conditions |= SecurityCondition.TERMINAL_AUTHENTICATION

    def holds(self, condition: SecurityCondition) -> bool:
        """Whether all these conditions are fulfilled."""
        contact = SecurityCondition.CONTACT_READER if self.is_contact else SecurityCondition(0)
        return condition & (self.conditions | contact) == condition

    def grants(self, rights: int) -> bool:
        """Whether the terminal's certificate chain gives all these rights."""
        return rights == 0 or (self.terminal is not None and self.terminal.rights & rights == rights)

    def allows(self, rule: AccessRule) -> bool:
        """Whether the access rule is satisfied now."""
        return not rule.is_never and self.holds(SecurityCondition(rule.mask)) and self.grants(rule.rights)
