"""Mail to the operator, over the operator's own server; whether it goes out changes nothing else."""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import SplitResult, unquote, urlsplit

from lineage_platform.settings import MAIL_PORTS, Mail

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 10.0
LONGEST_SUBJECT = 200


def send_mail(mail: Mail, subject: str, text: str) -> str:
    """Send plain text, once; whatever goes wrong is the answer, never an error, and shows no secret.

    Parameters
    ----------
    mail:
        To whom, and over which server.
    subject:
        Line breaks in it become spaces.
    text:
        It goes out as text, whatever it holds, so that no reader runs it.

    Returns
    -------
    str
        ``delivered`` (to the server), or why not.
    """
    outcome = _sent(mail, subject, text)
    if outcome != "delivered":
        log.warning("mail (LINEAGE_MAIL_SERVER) was %s", outcome)
    return outcome


def _sent(mail: Mail, subject: str, text: str) -> str:
    try:
        with _connected(urlsplit(mail.server)) as connection:
            refused = connection.send_message(_message(mail, subject, text))
    except _Unencrypted:
        return "not sent: the server offers no encryption, and the password would be seen"
    except smtplib.SMTPRecipientsRefused:
        return "refused for every address"
    except smtplib.SMTPResponseException as error:
        return f"refused with status {error.smtp_code}"
    except (smtplib.SMTPException, OSError, ValueError) as error:
        return f"not reached: {type(error).__name__}"
    return f"refused for {len(refused)} of {len(mail.to)} addresses" if refused else "delivered"


def _message(mail: Mail, subject: str, text: str) -> EmailMessage:
    url = urlsplit(mail.server)
    user = unquote(url.username or "")
    message = EmailMessage()
    message["Subject"] = " ".join(subject.split())[:LONGEST_SUBJECT]
    message["From"] = mail.sender or (user if "@" in user else f"lineage-platform@{url.hostname}")
    message["To"] = ", ".join(mail.to)
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=url.hostname)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notice answers it
    message.set_content(text)
    return message


@contextmanager
def _connected(url: SplitResult) -> Iterator[smtplib.SMTP]:
    """A connection on which the user is known; a password travels encrypted or not at all."""
    host, port = url.hostname or "", url.port or MAIL_PORTS[url.scheme]
    context = ssl.create_default_context()
    if url.scheme == "smtps":
        opened: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=PATIENCE_SECONDS, context=context)
    else:
        opened = smtplib.SMTP(host, port, timeout=PATIENCE_SECONDS)
    with opened as connection:
        connection.ehlo()
        if url.scheme == "smtp" and connection.has_extn("starttls"):
            connection.starttls(context=context)
        elif url.scheme == "smtp" and url.password:
            raise _Unencrypted
        if url.username and url.password:
            connection.login(unquote(url.username), unquote(url.password))
        yield connection


class _Unencrypted(Exception):
    """A password would have to be sent for all to see."""
