"""What characters a text file is written in, found from its bytes and never guessed from a few.

A byte order mark decides; without one, NUL bytes in every second place mean UTF-16; text that is
valid UTF-8 throughout is UTF-8; what is left is Windows-1252, of which Latin-1 text is a part. A
file that holds both UTF-8 and Windows-1252 letters was damaged on its way and is refused.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

_BLOCK = 1 << 22
_SAMPLE = 1 << 16
_MARKS = (
    (codecs.BOM_UTF32_LE, ""),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: Danish and other West European letters as UTF-8 writes them, seen as single bytes.
_UTF8_LETTER = re.compile(rb"\xc3[\x80-\xbf]")
_UTF32 = "is UTF-32 text; expected UTF-8, UTF-16 or Windows-1252"
#: How an encoding is called in messages and tables.
NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a byte order mark",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
}


@dataclass(frozen=True)
class TextEncoding:
    """The Python name of a file's encoding, or the fault why it has none that can be relied on."""

    encoding: str
    fault: str | None = None

    @property
    def is_utf8(self) -> bool:
        """Whether DuckDB can read the file as it lies."""
        return self.encoding in ("utf-8", "utf-8-sig")


def find_encoding(path: Path) -> TextEncoding:
    """Return the encoding of ``path`` after reading all of it; a fault names the line."""
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    marked = next((name for mark, name in _MARKS if sample.startswith(mark)), None)
    if marked == "":
        return TextEncoding("", _UTF32)
    likely = marked or _utf16_without_mark(sample)
    if likely:
        return TextEncoding(likely, _undecodable(path, likely))
    fault = _undecodable(path, "utf-8")
    if fault is None:
        return TextEncoding("utf-8")
    if "NUL" in fault or "ends within" in fault:
        return TextEncoding("", fault)
    mixed = _undecodable(path, "cp1252", refuse_utf8=True)
    return TextEncoding("cp1252", mixed)


def header_encoding(path: Path) -> str:
    """Return the encoding in which the first line of ``path`` is to be read, from that line.

    The rest of the file may turn out otherwise (:func:`find_encoding`); the names do not change.
    Raises ``ValueError`` for UTF-32.
    """
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    marked = next((name for mark, name in _MARKS if sample.startswith(mark)), None)
    if marked == "":
        raise ValueError(_UTF32)
    if likely := marked or _utf16_without_mark(sample):
        return likely
    try:
        re.split(rb"[\r\n]", sample, maxsplit=1)[0].decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def transcode(path: Path, encoding: str, target: Path) -> None:
    """Write ``path`` anew to ``target`` in UTF-8 without a mark, line ends as they are."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as source, target.open("wb") as written:
        is_first = True
        while block := source.read(_BLOCK):
            text = decoder.decode(block)
            written.write((text.removeprefix("\ufeff") if is_first else text).encode())
            is_first = is_first and not text
        written.write(decoder.decode(b"", final=True).encode())


def _utf16_without_mark(sample: bytes) -> str | None:
    """Return the UTF-16 whose high bytes are the NULs of ``sample``; None when it has few."""
    half = len(sample) // 2
    if half and sample[1::2].count(0) > 0.5 * half and sample[0::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if half and sample[0::2].count(0) > 0.5 * half and sample[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return None


def _undecodable(path: Path, encoding: str, *, refuse_utf8: bool = False) -> str | None:
    """Return why ``path`` is not text in ``encoding``, with the line, or None when it is."""
    decoder = codecs.getincrementaldecoder(encoding)()
    name, n_lines, before = NAMES[encoding], 0, b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if refuse_utf8 and (match := _UTF8_LETTER.search(before + block)):
                line = n_lines + (before + block)[: match.start()].count(b"\n") + 1
                return f"mixes UTF-8 and Windows-1252 letters (UTF-8 in line {line:,})"
            before = block[-1:]
            try:
                text = decoder.decode(block)
            except UnicodeDecodeError as error:
                n_lines += block[: max(error.start, 0)].count(b"\n")
                return f"is not {name} text: undecodable bytes in line {n_lines + 1:,}"
            if "\0" in text:
                n_lines += text[: text.index("\0")].count("\n")
                return f"holds a NUL byte in line {n_lines + 1:,}; expected text"
            n_lines += text.count("\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return f"is not {name} text: it ends within a character in line {n_lines + 1:,}"
    return None
