"""Mail through the office's own SMTP server, as a notification block of Prefect.

Prefect's server sends it, so the server has to know the class: ``pyproject.toml`` names this module
under ``prefect.collections``, the entry points that Prefect imports before it looks a block up.

What a mail says of a night names files and values of a delivery, so it never goes out in the clear:
another machine is spoken to by TLS, with a certificate that this one trusts, or not at all.
"""

from __future__ import annotations

import asyncio
import re
import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from prefect.blocks.abstract import NotificationBlock, NotificationError
from pydantic import Field, SecretStr

from pipeline.errors import SettingsError
from pipeline.secret_file import read_secret_file

#: The port on which TLS begins at once; on all others it is asked for (STARTTLS).
TLS_PORT = 465
SUBMISSION_PORT, LOCAL_PORT = 587, 25
#: How long the server may take to answer.
_PATIENCE_SECONDS = 30
_ADDRESS = re.compile(r"[^\s@,;<>()\"]+@[^\s@,;<>()\"]+")


class OfficeMail(NotificationBlock):
    """Who is mailed, and the SMTP server that takes the mail."""

    _block_type_name = "Tildeling Mail"
    _description = "Mail through the office's own SMTP server."

    host: str = Field(description="Name or address of the SMTP server.")
    port: int = Field(description="465 is TLS from the first byte, any other STARTTLS.")
    sender: str = Field(description="Address that the mail is from.")
    recipients: list[str] = Field(description="Addresses that the mail is to.")
    user: str | None = Field(default=None, description="User at the SMTP server, if it asks.")
    password: SecretStr | None = Field(default=None, description="The user's password.")

    async def notify(self, body: str, subject: str | None = None) -> None:
        """Send the mail; raises ``NotificationError`` that says why where not all got it."""
        await asyncio.to_thread(self.send, body, subject or "Tildeling")

    def send(self, body: str, subject: str) -> None:
        """Send the mail, as :meth:`notify`, and return when the server has taken it."""
        try:
            with self._connected() as server:
                if self.user is not None and self.password is not None:
                    server.login(self.user, self.password.get_secret_value())
                refused = server.send_message(self._message(body, subject))
        except (OSError, ValueError) as error:
            raise NotificationError(self._fault(error)) from None
        if refused:
            raise NotificationError(f"{self.host}:{self.port} took no mail to {', '.join(refused)}")

    def _connected(self) -> smtplib.SMTP:
        """Return a connection, with TLS unless the server is on this machine."""
        if self.port == TLS_PORT:
            trusted = ssl.create_default_context()
            return smtplib.SMTP_SSL(
                self.host, self.port, timeout=_PATIENCE_SECONDS, context=trusted
            )
        server = smtplib.SMTP(self.host, self.port, timeout=_PATIENCE_SECONDS)
        if not is_loopback(self.host):
            try:
                server.starttls(context=ssl.create_default_context())
            except BaseException:
                server.close()
                raise
        return server

    def _message(self, body: str, subject: str) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"] = self.sender, ", ".join(self.recipients)
        message["Subject"] = " ".join(subject.split())
        message["Date"] = formatdate(localtime=True)
        message["Message-ID"] = make_msgid("tildeling")
        # Else those who are away would answer.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(body)
        return message

    def _fault(self, error: OSError | ValueError) -> str:
        """Return why no mail went, and what to do; the password is in no error of ``smtplib``."""
        said = f"{self.host}:{self.port}: {type(error).__name__}: {error}"
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"{said} (SSL_CERT_FILE names the certificates that are trusted)"
        if isinstance(error, smtplib.SMTPNotSupportedError):
            return f"{said} (without TLS mail goes to a server on this machine only)"
        return said


def office_mail(
    recipients: Sequence[str],
    smtp: str | None = None,
    sender: str | None = None,
    user: str | None = None,
    password_file: Path | None = None,
) -> OfficeMail:
    """Return the block for ``smtp``, a ``HOST[:PORT]``, this machine if none.

    The sender is the first recipient if none is named. Raises :class:`SettingsError` where an
    address is none, or where a user has no password that only its owner can read.
    """
    host, port = _place(smtp or "localhost")
    wrong = [one for one in (*recipients, *([sender] if sender else ())) if not _is_address(one)]
    if wrong or not recipients:
        raise SettingsError(
            f"{wrong[0][:60]!a} is no address of mail."
            if wrong
            else "no address of mail is given.",
            expected="NAME@HOST, several with commas between them",
        )
    if (user is None) != (password_file is None):
        raise SettingsError(
            "the SMTP server asks for both a user and a password, or for neither.",
            expected="--smtp-user NAME with --smtp-password-file FILE",
        )
    return OfficeMail(
        host=host,
        port=port,
        sender=sender or recipients[0],
        recipients=list(recipients),
        user=user,
        password=None if password_file is None else _password(password_file),
    )


def is_loopback(host: str) -> bool:
    """Return whether ``host`` is this machine, whatever the network says."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_address(text: str) -> bool:
    return _ADDRESS.fullmatch(text) is not None


def _place(smtp: str) -> tuple[str, int]:
    """Return host and port of ``HOST[:PORT]``, with the usual port where none is said."""
    try:
        parts = urlsplit(f"//{smtp}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if host is None or parts.netloc != smtp or parts.username is not None:
        raise SettingsError(
            f"{smtp[:60]!a} is no SMTP server.",
            expected="HOST or HOST:PORT, such as smtp.office.example:587",
        )
    return host, port or (LOCAL_PORT if is_loopback(host) else SUBMISSION_PORT)


def _password(path: Path) -> SecretStr:
    """Return the first line of ``path``, which nobody but its owner may read."""
    content = read_secret_file(
        path,
        "the password of the SMTP server",
        expected="a file of the user who runs this, mode 0600, with the password in line 1",
        next_step="name the right file in --smtp-password-file.",
        if_open="; where others may have read it, change the password.",
    )
    lines = content.decode("utf-8", errors="surrogateescape").splitlines()
    if not lines or not lines[0]:
        raise SettingsError(f"{path} has no password in line 1.")
    return SecretStr(lines[0])
