"""Text of old Kyrgyz fonts, and text decoded with the wrong table: how it is read, for comparing only, never for the record.

Covered:
* Windows Cyrillic bytes shown as Latin: “Áàòêåí” is Баткен;
* UTF-8 bytes shown as Windows Cyrillic (“Р‘Р°С‚РєРµРЅ”) or as Latin (“Ð‘Ð°Ñ‚ÐºÐµÐ½”);
* fonts that drew ң ө ү in the place of letters of other Cyrillic alphabets: `STAND_INS`. No standard fixed their places;
  the table joins those seen in Kyrgyz, Kazakh and Mongolian files. A letter that served for two is read as the Kyrgyz one
  (є: ө, also Kazakh ғ).

Not covered: DOS (cp866) and KOI8 text shown as another table, since all its letters are Russian ones too; fonts that drew
ң ө ү over Russian letters or signs (‰ ‡ ¤); text layers whose glyphs are numbered anew, which are for text recognition.
"""

import re
from collections.abc import Mapping
from typing import Final

# In small letters; applied to words with a Cyrillic letter only. First the letters of single-byte fonts, then other hooks.
STAND_INS: Final[Mapping[int, str]] = str.maketrans(
    {
        **dict.fromkeys("њѕ", "ң"),
        **dict.fromkeys("єјµμ", "ө"),
        **dict.fromkeys("їў", "ү"),
        **dict.fromkeys("ѓґ", "г"),
        "ћ": "х",
        **dict.fromkeys("ӊӈҥ", "ң"),
        **dict.fromkeys("қҡҝ", "к"),
        **dict.fromkeys("ғҕ", "г"),
        **dict.fromkeys("ұӱ", "ү"),
        **dict.fromkeys("ӧҩѳ", "ө"),
        **dict.fromkeys("іӣ", "и"),
        "ә": "а",
        "һ": "х",
        "ё": "е",
    }
)
_STAND_IN: Final = re.compile("[" + "".join(chr(code) for code in STAND_INS) + "]")
_HOOKED_K: Final = re.compile(r"(?<=\w)ќ")  # ң begins no word: there it stands for the Kazakh қ


def modern(word: str) -> str:
    """A word in small letters as a font of today has it."""
    if "ќ" in word:
        word = _HOOKED_K.sub("ң", word).replace("ќ", "к")
    # one by one: a text has few of these, and a table that goes through all of it costs ten times as much
    for sign in set(_STAND_IN.findall(word)):
        word = word.replace(sign, sign.translate(STAND_INS))
    return word


def _table(encoding: str) -> dict[str, int]:
    """Characters and their bytes; a byte that the encoding leaves open stands for itself."""
    table = {chr(byte): byte for byte in range(256)} if encoding == "cp1252" else {}
    return table | {bytes([byte]).decode(encoding, "ignore") or chr(byte): byte for byte in range(256)}


_LATIN: Final = _table("cp1252")
_CYRILLIC: Final = _table("cp1251")
_AFTER_LATIN: Final = "".join(re.escape(sign) for sign, byte in _LATIN.items() if 0x80 <= byte <= 0xBF)
_AFTER_CYRILLIC: Final = "".join(re.escape(sign) for sign, byte in _CYRILLIC.items() if 0x80 <= byte <= 0xBF)
# three letters in a row are no chance; once they are there, the shorter words beside them are taken too
# (written out three times: then the first of them is looked for before the rest is tried, ten times as fast)
_UTF8_AS_LATIN: Final = re.compile(f"[ÐÑÒÓ][{_AFTER_LATIN}]" * 3)
_UTF8_AS_CYRILLIC: Final = re.compile(f"[РСТУ][{_AFTER_CYRILLIC}]" * 3)
# Latin letters with marks, and the signs that Ё, ё and the letters of old fonts are shown as
_MARKED: Final = r"[\u00c0-\u00ff\u00a8\u00b8\u00a2\u00b5\u00ba\u00bc\u00be\u00bf]"
_ANY_MARKED: Final = re.compile(_MARKED * 3)
_CYRILLIC_AS_LATIN: Final = re.compile(rf"(?<![A-Za-z]){_MARKED}{{3,}}(?![A-Za-z])")
# looked for where words begin: from within a long one it would be gone through once for each of its letters
_WORD: Final = re.compile(r"(?<![^ \t\r\n])[^ \t\r\n]*[^\x00-\x7f \t\r\n][^ \t\r\n]*")


def decoded(text: str) -> str:
    """The text as it was meant, where its bytes were decoded with the wrong table; any other text as it is."""
    if any(sign in text for sign in "ÐÑÒÓ") and _UTF8_AS_LATIN.search(text):
        return _anew(text, _LATIN, "utf-8")
    if _UTF8_AS_CYRILLIC.search(text):
        return _anew(text, _CYRILLIC, "utf-8")
    if _ANY_MARKED.search(text) and _CYRILLIC_AS_LATIN.search(text):
        return _anew(text, _LATIN, "cp1251")
    return text


def _anew(text: str, table: Mapping[str, int], encoding: str) -> str:
    """Each word that can be is decoded again; a word that was right stays."""

    def word(match: re.Match[str]) -> str:
        try:
            return bytes(table[sign] for sign in match.group()).decode(encoding)
        except (KeyError, UnicodeDecodeError):
            return match.group()

    return _WORD.sub(word, text)
