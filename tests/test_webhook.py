"""The operator's address is told once; whether it listens is an answer, never an error, and shows no secret."""

from __future__ import annotations

import logging

import pytest

from lineage_platform.webhook import post_json
from tests.servers.listener import listening


def test_what_is_posted_arrives_as_json() -> None:
    with listening() as listener:
        assert post_json(listener.url, b'{"text": "x"}') == "delivered"
    assert listener.bodies == [b'{"text": "x"}']


@pytest.mark.parametrize("status", [302, 404, 500])
def test_an_address_that_refuses_is_not_asked_again_or_followed(status: int) -> None:
    with listening() as listener:
        listener.status = status
        assert post_json(listener.url, b"{}") == f"refused with status {status}"
    assert len(listener.bodies) == 1


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/secret", "file:///etc/secret", "secret", "http://[secret", "http://a\nsecret/"]
)
def test_an_address_that_is_none_is_said_without_showing_it(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="lineage_platform"):
        outcome = post_json(url, b"{}")
    assert outcome.startswith("not reached")
    assert "secret" not in outcome + caplog.text
