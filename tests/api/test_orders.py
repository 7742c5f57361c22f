"""What an operator may ask of a reload."""

import json

import pytest

from g4f.api.handlers.asked import Order, order_from
from g4f.errors import RequestError


@pytest.mark.parametrize(
    ("order", "param"),
    [
        ({"canary": 0}, "canary"),
        ({"canary": "100%"}, "canary"),
        ({"canary": True}, "canary"),
        ({"canary": "10%", "for": 60}, "for"),
        ({"canary": "10%", "for": "soon"}, "for"),
        ({"dry_run": "yes"}, "dry_run"),
        ({"dry_run": True, "canary": 10}, None),
        ({"for": "60s"}, None),
        ({"file": "/etc/passwd"}, None),
        ([], None),
    ],
)
def test_an_order_that_means_nothing_is_refused(order, param):
    with pytest.raises(RequestError) as refused:
        order_from(json.dumps(order).encode())
    assert refused.value.param == param


@pytest.mark.parametrize(
    ("body", "order"),
    [
        (b"", Order()),
        (b"{}", Order()),
        (b'{"dry_run": true}', Order(dry_run=True)),
        (b'{"canary": "2.5%", "for": "2m"}', Order(share=0.025, seconds=120.0)),
        (b'{"canary": 10}', Order(share=0.1)),
    ],
)
def test_an_order_is_read(body, order):
    assert order_from(body) == order
