"""Keys of the on-screen keyboard, by ISO 15924 script: in the order in which the alphabet is learnt at school."""

from __future__ import annotations

from dataclasses import dataclass

SHIFT, PAGE, SPACE, DELETE = "shift", "page", "space", "delete"
DOTTED_CIRCLE = "\u25cc"


@dataclass(frozen=True, slots=True)
class Keyboard:
    """Pages of rows of keys; ``is_right_to_left`` lays the keys out from the right."""

    pages: tuple[tuple[tuple[str, ...], ...], ...]
    has_case: bool = False
    is_right_to_left: bool = False
    language: str = "en"


def _rows(*rows: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(row.split()) for row in rows)


_DIGITS = _rows("1 2 3 4 5 6 7 8 9 0", "/ - . , ' ( ) & : +")

KEYBOARDS: dict[str, Keyboard] = {
    "Latn": Keyboard(
        (
            _rows("q w e r t y u i o p", "a s d f g h j k l", "z x c v b n m ' -"),
            _DIGITS,
            _rows("á à â ã ä å æ ç é è", "ê ë í î ï ñ ó ô õ ö", "ø ś ş ú û ü ý ā ī ū"),
        ),
        has_case=True,
    ),
    "Deva": Keyboard(
        (
            _rows(
                "अ आ इ ई उ ऊ ऋ ए ऐ ओ औ ऑ",
                "ा ि ी ु ू ृ े ै ो ौ ं ँ ् ़",
                "क ख ग घ ङ च छ ज झ ञ ट ठ",
                "ड ढ ण त थ द ध न प फ ब भ",
                "म य र ल व श ष स ह क्ष त्र ज्ञ श्र",
            ),
            _DIGITS,
        ),
        language="hi",
    ),
    "Arab": Keyboard(
        (
            _rows(
                "ا آ ب پ ت ٹ ث ج چ ح خ د",
                "ڈ ذ ر ڑ ز ژ س ش ص ض ط ظ",
                "ع غ ف ق ک گ ل م ن ں و ؤ",
                "ہ ھ ۃ ء ئ ی ے َ ِ ُ ّ أ",
            ),
            _DIGITS,
        ),
        is_right_to_left=True,
        language="ur",
    ),
}


def paginate(keyboard: Keyboard, columns: int, rows: int) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """The keyboard's pages for a panel that holds so many keys: rows as designed where they fit, else re-flowed."""
    pages: list[tuple[tuple[str, ...], ...]] = []
    for page in keyboard.pages:
        if len(page) <= rows and max(len(row) for row in page) <= columns:
            pages.append(page)
            continue
        keys = [key for row in page for key in row]
        lines = [tuple(keys[i : i + columns]) for i in range(0, len(keys), columns)]
        pages.extend(tuple(lines[i : i + rows]) for i in range(0, len(lines), rows))
    return tuple(pages)
