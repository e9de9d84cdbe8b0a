"""An app that may not see everything: replies without their optional fields and lists."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from wecom_contact import Client, catalog, codec
from wecom_contact.codec import is_model, wire_fields
from wecom_contact.testing import Simulator
from wecom_contact.testing._answers import KEPT

from simulator.asking import Asker
from simulator.test_every_call import full, prepared

STRICT = codec.Codec(strict=True)
READS = [
    name
    for name, endpoint in catalog.CALLS.items()
    if endpoint.readonly and endpoint.result is not None and not endpoint.download
]


def optional(cls: Any, data: dict[str, Any], path: str) -> Iterator[str]:
    """The optional fields that a reply has."""
    for _, key, shape in wire_fields(cls):
        if key in data:
            if shape.optional:
                yield f"{path}{key}"
            if is_model(shape.inner):
                for each in data[key] if shape.many else [data[key]]:
                    yield from optional(shape.inner, each, f"{path}{key}.")


@pytest.mark.parametrize("name", READS)
def test_a_sparse_reply_has_nothing_optional_and_all_the_rest(name: str, corp: Simulator) -> None:
    ask = Asker(full(corp))
    data = prepared(name, corp, ask)
    corp.manner.sparse_replies = True
    said = ask.good(name, **data)
    del said["errcode"], said["errmsg"]
    endpoint = catalog.CALLS[name]
    found = set(optional(endpoint.result, said, f"{name}:"))
    assert {each for each in found if not any(re.fullmatch(p, each) for p in KEPT)} == set()
    # Strict: a field that is missing though it is required fails.
    STRICT.structure(said, endpoint.result)


def test_every_exception_is_a_field() -> None:
    names = {path for name in READS for path in paths(catalog.CALLS[name].result, f"{name}:")}
    for pattern in KEPT:
        assert any(re.fullmatch(pattern, each) for each in names), pattern


def paths(cls: Any, path: str) -> Iterator[str]:
    for _, key, shape in wire_fields(cls):
        if shape.optional:
            yield f"{path}{key}"
        if is_model(shape.inner):
            yield from paths(shape.inner, f"{path}{key}.")


def test_what_is_written_is_answered_whole(corp: Simulator) -> None:
    ask = Asker(full(corp))
    corp.manner.sparse_replies = True
    way = ask.good("contact_way.add", type=1, scene=2, user=["zhangsan"])
    assert way["qr_code"]


def test_nobody_is_lost_on_the_way(wecom_corp: Simulator, strict: Client) -> None:
    wecom_corp.populate(250)
    wecom_corp.manner.sparse_replies = True
    members = strict.follow_user.list().follow_user
    records = list(strict.customer.batch_get(userid_list=members))
    assert len(records) == sum(len(member.follows) for member in wecom_corp.members.values())
    assert {record.external_contact.unionid for record in records} == {None}
    assert {record.follow_info.remark_mobiles is None for record in records} == {True}
    assert {record.follow_info.tag_id is None for record in records} == {True}
