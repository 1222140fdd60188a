"""A mail server on loopback: it keeps what it is given, encrypts if it is told to, and refuses what it is told to."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread


@dataclass
class Mailbox:
    """What arrived, and how it was asked for.

    Parameters
    ----------
    tls:
        With it, the server offers STARTTLS.
    refused:
        A command (``MAIL``, ``RCPT``, ``DATA``, ``AUTH``) that is answered with 550.
    """

    tls: ssl.SSLContext | None = None
    refused: str = ""
    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    commands: list[tuple[str, bool]] = field(default_factory=list)
    """Each with whether it came encrypted."""


@contextmanager
def mail_server(tls: ssl.SSLContext | None = None, refused: str = "") -> Iterator[Mailbox]:
    mailbox = Mailbox(tls, refused)

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            self.encrypted = False
            self.say("220 here")
            while line := self.rfile.readline():
                command = line.decode().strip()
                mailbox.commands.append((command, self.encrypted))
                if command == "QUIT":
                    return self.say("221 bye")
                self.answer(command)
            return None

        def answer(self, command: str) -> None:
            word = command.split()[0].upper()
            if word == mailbox.refused:
                self.say("550 no")
            elif word == "EHLO":
                offered = ["AUTH PLAIN", *(["STARTTLS"] if mailbox.tls and not self.encrypted else [])]
                self.say("250-here", *[f"250-{each}" for each in offered[:-1]], f"250 {offered[-1]}")
            elif word == "STARTTLS":
                self.say("220 go on")
                assert mailbox.tls
                self.connection = mailbox.tls.wrap_socket(self.connection, server_side=True)
                self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
                self.encrypted = True
            elif word == "DATA":
                self.say("354 go on")
                lines = (line.removeprefix(b".") for line in iter(self.rfile.readline, b".\r\n"))
                mailbox.messages.append(message_from_bytes(b"".join(lines), policy=policy.default))
                self.say("250 kept")
            else:
                self.say("235 known" if word == "AUTH" else "250 yes")

        def say(self, *lines: str) -> None:
            self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        mailbox.port = server.server_address[1]
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield mailbox
        finally:
            server.shutdown()
