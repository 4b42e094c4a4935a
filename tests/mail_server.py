"""An SMTP server that keeps what it is sent, with TLS if it is given a certificate."""

from __future__ import annotations

import base64
import datetime
import email
import email.policy
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

#: Whose mail it does not take.
UNKNOWN = "nobody@office.example"


@dataclass
class Mail:
    """A mail, to whom it was sent, and how: in TLS or not, by which user with which password."""

    to: list[str] = field(default_factory=list)
    is_secret: bool = False
    login: tuple[str, str] | None = None
    message: EmailMessage = field(default_factory=EmailMessage)

    @property
    def text(self) -> str:
        """Subject and body."""
        content = self.message.get_content().replace("\r\n", "\n")
        return f"{self.message['Subject']}\n{content}"


@contextmanager
def mail_server(
    certificate: Path | None = None, *, is_tls_at_once: bool = False
) -> Iterator[tuple[int, list[Mail]]]:
    """Yield the port on loopback and the mails that came."""
    taken: list[Mail] = []

    class Listener(socketserver.StreamRequestHandler):
        def setup(self) -> None:
            super().setup()
            self.mail = Mail()

        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            if is_tls_at_once and not self.begin_tls():
                return
            self.say("220 office.example")
            while line := self.rfile.readline():
                verb, _, rest = line.decode().strip().partition(" ")
                if getattr(self, f"on_{verb.lower()}")(rest):
                    break

        def on_ehlo(self, _: str) -> None:
            offers = [] if certificate is None or self.mail.is_secret else ["STARTTLS"]
            lines = ["office.example", *offers, "AUTH PLAIN"]
            for line in lines[:-1]:
                self.say(f"250-{line}")
            self.say(f"250 {lines[-1]}")

        def on_starttls(self, _: str) -> None:
            self.say("220 go on")
            self.begin_tls()

        def begin_tls(self) -> bool:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(str(certificate))
            try:
                self.connection = context.wrap_socket(self.connection, server_side=True)
            except ssl.SSLError:
                return False
            self.rfile = self.connection.makefile("rb")
            self.wfile = self.connection.makefile("wb", buffering=0)
            self.mail = Mail(is_secret=True)
            return True

        def on_auth(self, rest: str) -> None:
            _, user, password = base64.b64decode(rest.split()[1]).decode().split("\0")
            self.mail.login = user, password
            self.say("235 come in")

        def on_mail(self, _: str) -> None:
            self.say("250 yes")

        on_rset = on_mail

        def on_rcpt(self, rest: str) -> None:
            address = rest.partition("<")[2].partition(">")[0]
            if address == UNKNOWN:
                self.say("550 no such person")
            else:
                self.mail.to.append(address)
                self.say("250 yes")

        def on_data(self, _: str) -> None:
            self.say("354 go on")
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            self.mail.message = message
            taken.append(self.mail)
            self.say("250 taken")

        def on_quit(self, _: str) -> bool:
            self.say("221 farewell")
            return True

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_address[1], taken
        finally:
            server.shutdown()


def certificate_of(host: str, folder: Path) -> Path:
    """Return a file with a new certificate for ``host`` that it signed itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{host}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path
