"""The root of every error of the project."""

from __future__ import annotations


class ProjectError(Exception):
    """Something stopped us, with a stable code for programs and a message key for people.

    ``code`` never changes once published (it stands in API answers and in the exception register).
    ``message_key`` names the sentence in the translation catalogues that tells a person what to do;
    ``params`` are the values that sentence needs. The text of the exception itself is for staff logs only and
    must never hold a name, a biometric, a PIN or a key.
    """

    code = "project.error"
    message_key = "error.unexpected"

    def __init__(self, text: str = "", **params: str | int) -> None:
        super().__init__(text or self.code)
        self.params: dict[str, str | int] = params


class NotAvailableYet(ProjectError):
    """The capability is planned (see docs/features.md) and does not exist in this version."""

    code = "project.not_available_yet"
    message_key = "error.not_available_yet"
