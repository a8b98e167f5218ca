"""The files of the card as frozen records, each with a strict ``encode_x`` and ``decode_x``."""

from card_service.data_groups.dg1 import Dg1, decode_dg1, encode_dg1
from card_service.data_groups.dg2 import Dg2, decode_dg2, encode_dg2
from card_service.data_groups.dg11 import Dg11, decode_dg11, encode_dg11
from card_service.data_groups.dg13 import SpAnchor, decode_dg13, encode_dg13
from card_service.data_groups.directories import (
    EfCom,
    EfDir,
    decode_ef_com,
    decode_ef_dir,
    encode_ef_com,
    encode_ef_dir,
)
from card_service.data_groups.errors import DataGroupRefused
from card_service.data_groups.member_table import (
    MemberRow,
    MemberTable,
    decode_member_table,
    encode_member_table,
)
from card_service.data_groups.security_infos import (
    Dg14,
    Dg15,
    EfCardAccess,
    decode_dg14,
    decode_dg15,
    decode_ef_card_access,
    encode_dg14,
    encode_dg15,
    encode_ef_card_access,
)

__all__ = [
    "DataGroupRefused",
    "Dg1",
    "Dg2",
    "Dg11",
    "Dg14",
    "Dg15",
    "EfCardAccess",
    "EfCom",
    "EfDir",
    "MemberRow",
    "MemberTable",
    "SpAnchor",
    "decode_dg1",
    "decode_dg2",
    "decode_dg11",
    "decode_dg13",
    "decode_dg14",
    "decode_dg15",
    "decode_ef_card_access",
    "decode_ef_com",
    "decode_ef_dir",
    "decode_member_table",
    "encode_dg1",
    "encode_dg2",
    "encode_dg11",
    "encode_dg13",
    "encode_dg14",
    "encode_dg15",
    "encode_ef_card_access",
    "encode_ef_com",
    "encode_ef_dir",
    "encode_member_table",
]
