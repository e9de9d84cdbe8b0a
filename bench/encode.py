"""What does it cost to turn a mass message with five attachments, to 100 customers, into bytes?"""

from collections.abc import Mapping

import models
import orjson
from measure import OURS, Target, Turn, ask
from samples import MASS_MESSAGE
from wecom_contact import codec
from wecom_contact.group_msg import GroupMsgAddTemplate


def contestants() -> Mapping[str, Turn]:
    encode = codec.shared.encode
    call = codec.structure(MASS_MESSAGE, GroupMsgAddTemplate)
    turns: dict[str, Turn] = {
        "orjson": lambda: orjson.dumps(MASS_MESSAGE),
        OURS: lambda: orjson.dumps(encode(call)),
        f"{OURS}, unchecked": lambda: orjson.dumps(encode(call, False)),
    }
    libraries = {
        "msgspec Struct": models.msgspec_struct(models.MESSAGE),
        "pydantic v2": models.pydantic_v2(models.MESSAGE),
        "cattrs + orjson": models.cattrs_orjson(models.MESSAGE),
        "mashumaro": models.mashumaro_orjson(models.MESSAGE),
    }
    for name, ways in libraries.items():
        message = ways.decode(orjson.dumps(MASS_MESSAGE))
        turns[name] = lambda write=ways.encode, it=message: write(it)
    few = MASS_MESSAGE | {"external_userid": MASS_MESSAGE["external_userid"][:3]}
    short = codec.structure(few, GroupMsgAddTemplate)
    turns["orjson, to 3 customers"] = lambda: orjson.dumps(few)
    turns[f"{OURS}, to 3 customers"] = lambda: orjson.dumps(encode(short))
    for name, turn in turns.items():
        sent = orjson.loads(turn())
        assert sent == (few if name.endswith("to 3 customers") else MASS_MESSAGE), name
    return turns


ask(
    "Encode a mass message with five attachments to 100 customers",
    contestants,
    reference="orjson",
    targets=[Target("orjson", at_most=4)],
    repeat=200,
    notes={
        "orjson": "a dict that is ready: the limit",
        OURS: "from typed objects, limits checked",
        f"{OURS}, unchecked": "types are checked still",
        "msgspec Struct": "nothing checked",
        "pydantic v2": "nothing checked",
        "cattrs + orjson": "nothing checked",
        "mashumaro": "nothing checked",
        f"{OURS}, to 3 customers": "the same message, almost no list of ids; read it against orjson's",
    },
)
