"""The key that turns person numbers into pseudonyms: where it comes from, and the keyed hash.

The key is never part of a setting, message, log line or table; what may be told is its
fingerprint, from which it cannot be found.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipeline.errors import SettingsError, StorageError
from pipeline.secret_file import read_secret_file
from pipeline.settings import Settings

#: The environment variable that may hold the key itself.
VARIABLE = "TILDELING_PSEUDONYM_KEY"
#: The key that is made when none is given, beside ``registers.duckdb``.
KEY_FILE = "pseudonym_key"
MIN_LENGTH = 32
_MIN_DIFFERENT = 8
_MAKE_ONE = (
    "make one with: (umask 077; openssl rand -hex 32 > FILE); keep a copy where the data are not."
)
#: Characters of a pseudonym: 12 of these 62, some 71 bits.
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LETTERS = np.frombuffer(LETTERS.encode(), np.uint8)
LENGTH = 12


@dataclass(frozen=True)
class PseudonymKey:
    """A key, and what is made with it: keyed BLAKE2b (RFC 7693) of the person number as UTF-8.

    ``source`` says where the key came from. Nothing prints the key.
    """

    secret: bytes = field(repr=False)
    source: str = ""

    @property
    def fingerprint(self) -> str:
        """Eight hexadecimal digits that tell two keys apart, from another hash of the key."""
        return hashlib.blake2b(self.secret, digest_size=4, person=b"fingerprint").hexdigest()

    def pseudonyms(self, numbers: pa.Array) -> pa.Array:
        """Return the pseudonym of each text in ``numbers`` (no nulls): 12 of 0-9, A-Z and a-z.

        Each half of the 16 bytes of the hash gives six characters, the remainder of division by
        62 ** 6; no pseudonym is more than 4e-9 likelier than another.
        """
        key = hashlib.blake2b(self.secret, digest_size=32, person=b"pseudonym").digest()
        keyed = hashlib.blake2b(key=key, digest_size=16)

        def digest(value: bytes) -> bytes:
            hashed = keyed.copy()
            hashed.update(value)
            return hashed.digest()

        digests = b"".join(map(digest, numbers.cast(pa.binary()).to_pylist()))
        halves = np.frombuffer(digests, "<u8").reshape(-1, 2)
        text = np.empty((len(numbers), LENGTH), np.uint8)
        for half, rest in enumerate(halves.T):
            for place in range(6):
                rest, digit = np.divmod(rest, np.uint64(62))
                text[:, 6 * half + place] = _LETTERS[digit]
        ends = np.arange(0, LENGTH * len(numbers) + 1, LENGTH, dtype=np.int32)
        return pa.StringArray.from_buffers(
            len(numbers), pa.py_buffer(ends.tobytes()), pa.py_buffer(text.tobytes())
        )


def given_key(settings: Settings) -> PseudonymKey | None:
    """Return the key of ``pseudonym_key_file`` or the environment; None when neither names one.

    Raises :class:`SettingsError` when both do, or when the key cannot be used.
    """
    path, text = settings.pseudonym_key_file, os.environ.get(VARIABLE)
    if path is not None and text is not None:
        raise SettingsError(
            f"there are two keys for pseudonyms: {VARIABLE} and pseudonym_key_file ({path})",
            expected="one of them",
            next_step=f"unset {VARIABLE}, or drop pseudonym_key_file.",
        )
    if path is not None:
        return _read(path)
    if text is not None:
        return _usable(text.encode(errors="surrogateescape"), VARIABLE)
    return None


def find_key(settings: Settings, folder: Path, workspace: Path) -> PseudonymKey:
    """Return the given key, else that of an earlier load in ``folder``, else one made there now.

    A new one is written in ``workspace`` (in the same file system) and put in place whole. Raises
    :class:`SettingsError` when the key cannot be used, :class:`StorageError` when none can be
    written.
    """
    path = folder / KEY_FILE
    if given_key(settings) is None and not path.exists():
        _make(path, workspace / KEY_FILE)
    return kept_key(settings, folder)


def kept_key(settings: Settings, folder: Path) -> PseudonymKey:
    """Return the given key, else that of an earlier load in ``folder``; errors as above."""
    return given_key(settings) or _read(folder / KEY_FILE)


def _read(path: Path) -> PseudonymKey:
    secret = read_secret_file(
        path,
        "the key for pseudonyms",
        expected="a file of the user who runs this, mode 0600",
        next_step="name the right file in pseudonym_key_file "
        f"(TILDELING_PSEUDONYM_KEY_FILE), or {_MAKE_ONE}",
        if_open="; where others may have read it, change the key.",
    )
    return _usable(secret, str(path))


def _usable(secret: bytes, source: str) -> PseudonymKey:
    """Return the key, without the white space around it, unless it is too easy to guess."""
    secret = secret.strip()
    if len(secret) < MIN_LENGTH or len(set(secret)) < _MIN_DIFFERENT:
        short = f"{len(secret)} characters" if secret else "nothing"
        raise SettingsError(
            f"the key for pseudonyms in {source} is too easy to guess",
            expected=f"at least {MIN_LENGTH} characters, drawn at random",
            found=short if len(secret) < MIN_LENGTH else "few different characters",
            next_step=_MAKE_ONE,
        )
    return PseudonymKey(secret, source)


def _make(path: Path, beside: Path) -> None:
    """Write a random key to ``path``, by way of ``beside``: whole or not at all, mode 0600."""
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise StorageError(
            f"no key for pseudonyms can be written to {path}",
            found=str(error.strerror),
            next_step="free disk space or mend the folder's permissions, or name a key of your own "
            "in pseudonym_key_file.",
        ) from None
