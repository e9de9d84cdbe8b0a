"""The same records as each library's own classes, all made from one table, so that nobody gets easier ones.

A field is its type, with `?` when it may be absent; `[…]` is a list; `time` is a Unix time.
"""

import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, NamedTuple

import attrs
import cattrs
import msgspec
import orjson
import pydantic
from mashumaro.config import BaseConfig
from mashumaro.mixins.orjson import DataClassORJSONMixin
from wecom_contact.customer import AddWay, CustomerType, Gender

Records = Mapping[str, Mapping[str, str]]

PAGE: Records = {
    "Text": {"value": "str"},
    "Web": {"url": "str", "title": "str"},
    "Attribute": {"type": "int", "name": "str", "text": "Text?", "web": "Web?"},
    "Profile": {"external_corp_name": "str?", "external_attr": "[Attribute]?"},
    "Customer": {
        "external_userid": "str",
        "name": "str",
        "position": "str?",
        "avatar": "str?",
        "corp_name": "str?",
        "corp_full_name": "str?",
        "type": "CustomerType",
        "gender": "Gender?",
        "unionid": "str?",
        "external_profile": "Profile?",
    },
    "Channels": {"nickname": "str", "source": "int?"},
    "Follow": {
        "userid": "str",
        "remark": "str",
        "description": "str",
        "createtime": "time",
        "tag_id": "[str]?",
        "remark_corp_name": "str?",
        "remark_mobiles": "[str]?",
        "oper_userid": "str?",
        "add_way": "AddWay",
        "wechat_channels": "Channels?",
        "state": "str?",
    },
    "Record": {"external_contact": "Customer", "follow_info": "Follow"},
    "Page": {"external_contact_list": "[Record]", "next_cursor": "str?"},
}
MESSAGE: Records = {
    "Text": {"content": "str"},
    "Image": {"media_id": "str?", "pic_url": "str?"},
    "Link": {"title": "str", "picurl": "str?", "desc": "str?", "url": "str"},
    "MiniProgram": {"title": "str", "pic_media_id": "str", "appid": "str", "page": "str"},
    "File": {"media_id": "str"},
    "Attachment": {
        "msgtype": "str",
        "image": "Image?",
        "link": "Link?",
        "miniprogram": "MiniProgram?",
        "video": "File?",
        "file": "File?",
    },
    "Message": {
        "chat_type": "str?",
        "external_userid": "[str]?",
        "sender": "str?",
        "allow_select": "int?",
        "text": "Text?",
        "attachments": "[Attachment]?",
    },
}
ENUMS: dict[str, Any] = {
    each.__name__: IntEnum(each.__name__, {member.name: member.value for member in each})
    for each in (CustomerType, Gender, AddWay)
}
"""Closed enums, which is what the others can decode."""


class Ways(NamedTuple):
    """How a library reads and writes the last record of a table."""

    decode: Callable[[bytes], Any]
    encode: Callable[[Any], bytes]


def build(
    records: Records, make: Callable[[str, dict[str, Any], dict[str, Any]], Any], **types: Any
) -> Any:
    """The class of the last record; `make(name, required, optional)` makes each."""
    known: dict[str, Any] = {"str": str, "int": int, **types}
    for name, words in records.items():
        required: dict[str, Any] = {}
        optional: dict[str, Any] = {}
        for key, word in words.items():
            inner = known[word.strip("[]?")]
            whole = list[inner] if word.startswith("[") else inner
            if word.endswith("?"):
                optional[key] = whole | None
            else:
                required[key] = whole
        known[name] = make(name, required, optional)
    return known[next(reversed(records))]


def with_defaults(required: dict[str, Any], optional: dict[str, Any]) -> list[Any]:
    return [*required.items(), *((key, each, None) for key, each in optional.items())]


def msgspec_struct(records: Records, typed: bool = False) -> Ways:
    def make(name: str, required: dict[str, Any], optional: dict[str, Any]) -> Any:
        return msgspec.defstruct(name, with_defaults(required, optional), omit_defaults=True)

    types = {"time": datetime, **ENUMS} if typed else {"time": int, **dict.fromkeys(ENUMS, int)}
    cls = build(records, make, **types)
    return Ways(msgspec.json.Decoder(cls, strict=not typed).decode, msgspec.json.Encoder().encode)


def pydantic_v2(records: Records) -> Ways:
    config = pydantic.ConfigDict(extra="allow")

    def make(name: str, required: dict[str, Any], optional: dict[str, Any]) -> Any:
        fields = {key: (each, ...) for key, each in required.items()}
        fields |= {key: (each, None) for key, each in optional.items()}
        return pydantic.create_model(name, __config__=config, **fields)

    cls = build(records, make, time=datetime, **ENUMS)
    return Ways(cls.model_validate_json, lambda it: it.model_dump_json(exclude_none=True).encode())


def cattrs_orjson(records: Records) -> Ways:
    def make(name: str, required: dict[str, Any], optional: dict[str, Any]) -> Any:
        fields = {key: attrs.field(type=each) for key, each in required.items()}
        fields |= {key: attrs.field(type=each, default=None) for key, each in optional.items()}
        return attrs.make_class(name, fields, slots=True)

    cls = build(records, make, time=datetime, **ENUMS)
    converter = cattrs.Converter(omit_if_default=True)
    converter.register_structure_hook(datetime, lambda value, _: datetime.fromtimestamp(value, UTC))
    return Ways(
        lambda data: converter.structure(orjson.loads(data), cls),
        lambda it: orjson.dumps(converter.unstructure(it)),
    )


def mashumaro_orjson(records: Records) -> Ways:
    def from_unix(value: int) -> datetime:
        return datetime.fromtimestamp(value, UTC)

    class Config(BaseConfig):
        serialization_strategy = {datetime: {"deserialize": from_unix}}
        omit_none = True

    def make(name: str, required: dict[str, Any], optional: dict[str, Any]) -> Any:
        return dataclasses.make_dataclass(
            name,
            with_defaults(required, optional),
            bases=(DataClassORJSONMixin,),
            namespace={"Config": Config},
            slots=True,
        )

    cls = build(records, make, time=datetime, **ENUMS)
    return Ways(lambda data: cls.from_json(data), lambda it: it.to_jsonb())
