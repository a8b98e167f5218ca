"""The layout table against its manual page, and against itself."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from card_service.file_control import encode_file_control
from card_service.layout import (
    ANCHORED_FILES,
    CARD_FILES,
    DATA_GROUPS,
    LEDGER,
    find_card_file,
    layout_page,
    photo_file,
    template_file,
)
from tests.unit.card_service_terminal.desk import issue

PAGE = Path(__file__).parents[3] / "docs" / "card-layout.md"


def test_the_manual_page_is_the_one_that_the_table_gives() -> None:
    assert PAGE.read_text(encoding="utf-8") == layout_page(), "run: python -m card_service.layout > docs/card-layout.md"


def test_no_identifier_is_used_twice_in_a_directory() -> None:
    for name in ("fid", "sfi"):
        used = Counter((file.directory, getattr(file, name)) for file in CARD_FILES if getattr(file, name))
        assert max(used.values()) == 1


def test_short_identifiers_are_those_that_a_card_may_give() -> None:
    # ISO/IEC 7816-4:2013, 7.4.1: 1 to 30; all ones are reserved.
    assert all(file.sfi is None or 1 <= file.sfi <= 30 for file in CARD_FILES)


def test_every_file_of_an_issued_card_fits_its_row() -> None:
    for key, content in issue()["active"].data.files.items():
        file = find_card_file(*key)
        assert file is not None
        assert len(content) <= file.size_bytes


def test_an_access_rule_is_written_as_the_page_of_commands_says() -> None:
    control = encode_file_control(LEDGER, 0).hex()
    assert "8204024100" + "70" in control
    assert "83020230" in control
    assert "80020040" in control
    assert "880110" in control
    assert "8609" + "090000" + "ff0000" + "090002" in control


def test_member_files_exist_for_members_of_a_card_only() -> None:
    assert (template_file(1).fid, template_file(8).sfi) == (0x0211, 0x18)
    assert photo_file(2).fid == 0x0222
    for member_index in (0, 9):
        with pytest.raises(ValueError, match="members 1 to 8"):
            template_file(member_index)
    with pytest.raises(ValueError, match="DG2"):
        photo_file(1)


def test_what_is_signed_and_what_is_anchored_covers_all_that_never_changes() -> None:
    covered = {file.key for file in (*DATA_GROUPS.values(), *ANCHORED_FILES)}
    open_files = {file.name for file in CARD_FILES if file.key not in covered}
    assert open_files == {
        "EF.ATR/INFO", "EF.DIR", "EF.CardAccess", "EF.CAN", "EF.COM", "EF.SOD", "EF.EntA", "EF.EntB", "EF.Ledger",
    }  # fmt: skip
