"""How a command of the simulated card ends early: with a status word."""

from __future__ import annotations

from card_service.apdu import SW
from domain.errors import ProjectError


class StatusError(ProjectError):
    """The command is refused; ``sw`` is what the terminal gets."""

    code = "sim.card_status"

    def __init__(self, sw: SW, detail: int = 0) -> None:
        super().__init__(f"Card status {sw + detail:04X}")
        self.sw = int(sw) + detail


def require(holds: bool, otherwise: SW) -> None:
    """Refuse the command with this status unless the condition holds."""
    if not holds:
        raise StatusError(otherwise)
