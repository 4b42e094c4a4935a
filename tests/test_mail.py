"""Mail of nights that go wrong: to whom, through which server, and never in the clear."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from mail_server import UNKNOWN, certificate_of, mail_server
from prefect.blocks.abstract import NotificationError

from flows import mail
from flows.mail import OfficeMail, office_mail
from pipeline.commands.cli import main
from pipeline.errors import SettingsError

TO = ("vagt@office.example", "it@office.example")


def tell(block: OfficeMail, body: str = "udda_2003.csv mangler kolonnen HFAUDD på række 3") -> None:
    def run() -> None:
        asyncio.run(block.notify(body, "Tildeling: a run failed"))

    # In a thread of its own: a browser that an earlier test opened leaves its loop running here.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(run).result()


@pytest.fixture
def abroad(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a server on this machine pass for one on another."""
    monkeypatch.setattr(mail, "is_loopback", lambda host: False)


@pytest.fixture
def password(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text("hemmeligt\n")
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(
    ("smtp", "place"),
    [
        (None, ("localhost", 25)),
        ("localhost:2525", ("localhost", 2525)),
        ("[::1]", ("::1", 25)),
        ("smtp.office.example", ("smtp.office.example", 587)),
        ("smtp.office.example:465", ("smtp.office.example", 465)),
    ],
)
def test_the_usual_port_is_taken_where_none_is_named(
    smtp: str | None, place: tuple[str, int]
) -> None:
    block = office_mail(TO, smtp)
    assert (block.host, block.port) == place
    assert block.sender == TO[0]


def test_a_server_on_this_machine_takes_mail_as_it_is() -> None:
    with mail_server() as (port, taken):
        tell(office_mail(TO, f"127.0.0.1:{port}", "tildeling@office.example"))
    (one,) = taken
    assert one.to == list(TO)
    assert one.message["From"] == "tildeling@office.example"
    assert one.message["Auto-Submitted"] == "auto-generated"
    assert one.text == (
        "Tildeling: a run failed\nudda_2003.csv mangler kolonnen HFAUDD på række 3\n"
    )


@pytest.mark.usefixtures("abroad")
@pytest.mark.parametrize("is_tls_at_once", [False, True], ids=["starttls", "port 465"])
def test_another_machine_is_spoken_to_in_secret_by_who_knows_the_password(
    tmp_path: Path, password: Path, monkeypatch: pytest.MonkeyPatch, is_tls_at_once: bool
) -> None:
    certificate = certificate_of("localhost", tmp_path)
    with mail_server(certificate, is_tls_at_once=is_tls_at_once) as (port, taken):
        if is_tls_at_once:
            monkeypatch.setattr(mail, "TLS_PORT", port)
        block = office_mail(TO, f"localhost:{port}", user="tildeling", password_file=password)
        with pytest.raises(NotificationError) as unknown:
            tell(block)
        assert taken == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        tell(block)
    assert "SSL_CERT_FILE names the certificates that are trusted" in unknown.value.log
    (one,) = taken
    assert one.is_secret
    assert one.login == ("tildeling", "hemmeligt")
    assert "hemmeligt" not in repr(block) + str(block.model_dump())


@pytest.mark.usefixtures("abroad")
def test_a_server_in_the_clear_on_port_465_gets_no_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server() as (port, taken):
        monkeypatch.setattr(mail, "TLS_PORT", port)
        with pytest.raises(NotificationError) as refused:
            tell(office_mail(TO, f"localhost:{port}"))
    assert "SSL" in refused.value.log
    assert taken == []


@pytest.mark.usefixtures("abroad")
def test_nothing_goes_in_the_clear_to_another_machine() -> None:
    with mail_server() as (port, taken), pytest.raises(NotificationError) as refused:
        tell(office_mail(TO, f"localhost:{port}"))
    assert "without TLS mail goes to a server on this machine only" in refused.value.log
    assert taken == []


def test_an_address_that_gets_no_mail_is_told() -> None:
    with mail_server() as (port, taken), pytest.raises(NotificationError) as refused:
        tell(office_mail([*TO, UNKNOWN], f"localhost:{port}"))
    assert refused.value.log.endswith(f"took no mail to {UNKNOWN}")
    assert taken[0].to == list(TO)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"recipients": ()}, "no address of mail"),
        ({"recipients": ("vagt",)}, "'vagt' is no address"),
        ({"recipients": ("a@b\nBcc: c@d",)}, "is no address"),
        ({"sender": "Tildeling <a@b>"}, "is no address"),
        ({"smtp": "smtp://office.example"}, "is no SMTP server"),
        ({"smtp": "office.example:mail"}, "is no SMTP server"),
        ({"smtp": "me@office.example"}, "is no SMTP server"),
        ({"smtp": ""}, None),
        ({"user": "tildeling"}, "both a user and a password"),
        ({"password_file": Path("/nowhere")}, "both a user and a password"),
        ({"user": "tildeling", "password_file": Path("/nowhere")}, "cannot be read"),
    ],
)
def test_what_cannot_be_mailed_is_said_at_once(wrong: dict, said: str | None) -> None:
    if said is None:
        assert office_mail(**{"recipients": TO, **wrong}).host == "localhost"
        return
    with pytest.raises(SettingsError, match=said):
        office_mail(**{"recipients": TO, **wrong})


def test_a_password_that_others_can_read_is_refused(password: Path) -> None:
    password.chmod(0o640)
    with pytest.raises(SettingsError, match=f"run: chmod 600 {password}"):
        office_mail(TO, user="tildeling", password_file=password)
    password.chmod(0o600)
    password.write_text("\n")
    with pytest.raises(SettingsError, match="has no password in line 1"):
        office_mail(TO, user="tildeling", password_file=password)


def test_a_mail_server_without_anybody_to_mail_is_a_mistake(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["automations", "--smtp", "localhost"]) == 3
    assert "give --mail-to" in capsys.readouterr().err
