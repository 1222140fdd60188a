"""Mail goes out over the operator's server, its password never in the clear; what goes wrong is an answer."""

from __future__ import annotations

import logging
import ssl
import subprocess
from pathlib import Path

import pytest

from lineage_platform.errors import UsageError
from lineage_platform.mail import LONGEST_SUBJECT, send_mail
from lineage_platform.settings import Mail, Settings
from tests.servers.mail import Mailbox, mail_server

TO = ("ops@lab.example", "data@lab.example")


def mail(mailbox: Mailbox, user: str = "", host: str = "127.0.0.1", scheme: str = "smtp") -> Mail:
    return Mail(f"{scheme}://{user}{host}:{mailbox.port}", TO)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost, with its key."""
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", str(file), "-out", "-"]
    try:
        made = subprocess.run(command, capture_output=True, check=True)
    except FileNotFoundError:
        pytest.skip("openssl is not on this machine")
    with file.open("ab") as both:
        both.write(made.stdout)
    return file


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_notice_arrives_as_plain_text_at_every_address() -> None:
    text = "# What changed\n\n.\n<script>alert(1)</script> grün\n"
    with mail_server() as mailbox:
        assert send_mail(mail(mailbox), "1 edge\r\nBcc: all@lab.example " + "x" * 300, text) == "delivered"
    [message] = mailbox.messages
    assert message.get_content().replace("\r\n", "\n") == text
    assert message.get_content_type() == "text/plain"
    assert message["Bcc"] is None
    assert message["Subject"].startswith("1 edge Bcc: all@lab.example xxx")
    assert len(message["Subject"]) == LONGEST_SUBJECT
    assert message["From"] == "lineage-platform@127.0.0.1"
    assert [command for command, _ in mailbox.commands if command.startswith("rcpt")] == [
        f"rcpt TO:<{each}>" for each in TO
    ]


def test_a_password_travels_encrypted(tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mail_server(tls) as mailbox:
        assert send_mail(mail(mailbox, "me%40lab.example:s3cret@", "localhost"), "s", "t") == "delivered"
    assert [message["From"] for message in mailbox.messages] == ["me@lab.example"]
    assert [encrypted for command, encrypted in mailbox.commands if command.startswith("AUTH")] == [True]


def test_without_encryption_a_password_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    with mail_server() as mailbox:
        assert send_mail(mail(mailbox, "me:s3cret@"), "s", "t").startswith("not sent: the server offers no encryption")
    assert not mailbox.messages
    assert not [command for command, _ in mailbox.commands if command.startswith("AUTH")]
    assert "s3cret" not in caplog.text


def test_a_server_that_nobody_vouches_for_gets_nothing(tls: ssl.SSLContext) -> None:
    with mail_server(tls) as mailbox:
        assert send_mail(mail(mailbox, "me:s3cret@", "localhost"), "s", "t") == "not reached: SSLCertVerificationError"
    assert not mailbox.messages


@pytest.mark.parametrize(
    ("refused", "told"),
    [("MAIL", "refused with status 550"), ("RCPT", "refused for every address"), ("DATA", "refused with status 550")],
)
def test_a_server_that_refuses_is_an_answer(refused: str, told: str, caplog: pytest.LogCaptureFixture) -> None:
    with mail_server(refused=refused) as mailbox, caplog.at_level(logging.WARNING, logger="lineage_platform"):
        assert send_mail(mail(mailbox), "s", "t") == told
    assert told in caplog.text


def test_a_server_that_is_away_or_speaks_otherwise_is_an_answer() -> None:
    assert send_mail(Mail("smtp://me:s3cret@127.0.0.1:9", TO), "s", "t") == "not reached: ConnectionRefusedError"
    with mail_server() as mailbox:
        assert send_mail(mail(mailbox, scheme="smtps"), "s", "t") == "not reached: SSLError"
    assert not mailbox.messages


@pytest.mark.parametrize(
    "settings",
    [
        {"MAIL_SERVER": "smtps://h"},
        {"MAIL_TO": "a@b"},
        {"MAIL_SERVER": "https://me:s3cret@h", "MAIL_TO": "a@b"},
        {"MAIL_SERVER": "smtp://", "MAIL_TO": "a@b"},
        {"MAIL_SERVER": "smtp://me:s3cret@h:port", "MAIL_TO": "a@b"},
    ],
)
def test_settings_that_cannot_work_are_refused_without_showing_them(settings: dict[str, str]) -> None:
    with pytest.raises(UsageError) as refused:
        Settings.from_environment({f"LINEAGE_{name}": value for name, value in settings.items()})
    assert "s3cret" not in str(refused.value) + refused.value.hint


def test_settings_are_read_and_the_password_is_not_shown() -> None:
    given = {"LINEAGE_MAIL_SERVER": "smtps://me:s3cret@h", "LINEAGE_MAIL_TO": "a@b, c@d", "LINEAGE_MAIL_FROM": "e@f"}
    settings = Settings.from_environment(given)
    assert settings.upkeep.mail == Mail("smtps://me:s3cret@h", ("a@b", "c@d"), "e@f")
    assert "s3cret" not in repr(settings)
