"""What somebody decides about two people who may be one."""

from __future__ import annotations

from enum import StrEnum


class DuplicateDecision(StrEnum):
    SAME_PERSON = "same_person"
    DIFFERENT_PERSON = "different_person"
    ASK_SUPERVISOR = "ask_supervisor"
