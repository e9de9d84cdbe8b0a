"""What does it cost to turn the bytes of a page of 100 customers into objects?"""

from collections.abc import Mapping

import models
import orjson
from measure import OURS, Target, Turn, ask
from samples import page
from wecom_contact import codec
from wecom_contact.customer import CustomerBatchGetResult

PAGE = page()


def ours() -> object:
    reply = orjson.loads(PAGE)
    del reply["errcode"], reply["errmsg"]
    return codec.structure(reply, CustomerBatchGetResult)


def contestants() -> Mapping[str, Turn]:
    decoders = {
        "msgspec Struct": models.msgspec_struct(models.PAGE).decode,
        "msgspec Struct, typed": models.msgspec_struct(models.PAGE, typed=True).decode,
        "orjson": orjson.loads,
        "pydantic v2": models.pydantic_v2(models.PAGE).decode,
        "cattrs + orjson": models.cattrs_orjson(models.PAGE).decode,
        "mashumaro": models.mashumaro_orjson(models.PAGE).decode,
    }
    return {OURS: ours} | {name: lambda each=each: each(PAGE) for name, each in decoders.items()}


ask(
    "Decode a page of 100 customers",
    contestants,
    reference="msgspec Struct",
    targets=[
        Target("msgspec Struct", at_most=2.4),
        Target("pydantic v2", at_least=1.6),
        Target("cattrs + orjson", at_least=2.2),
    ],
    notes={
        OURS: "open enums, aware datetimes, unknown keys kept",
        "msgspec Struct": "the limit: numbers stay numbers, unknown keys dropped",
        "msgspec Struct, typed": "closed enums, datetimes in UTC, unknown keys dropped",
        "orjson": "dicts, no classes",
        "pydantic v2": "closed enums, datetimes in UTC, unknown keys kept",
        "cattrs + orjson": "closed enums, datetimes in UTC, unknown keys dropped",
        "mashumaro": "closed enums, datetimes in UTC, unknown keys dropped",
    },
)
