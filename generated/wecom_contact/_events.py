"""From a decrypted message to an event and back: both envelopes, XML and JSON. No I/O, no cryptography.

A corp's own app and a third-party suite are told the same things under different words:

    own app    ToUserName  FromUserName  CreateTime  MsgType  Event     ChangeType  …
    suite      AuthCorpId  SuiteId       TimeStamp            InfoType  ChangeType  …

Inside, everything has the first line's words. Most messages are so plain that one pattern reads them; the
others go to expat, whose DOCTYPE handler refuses what a search for bytes would miss in UTF-16.

Hand-written: edit codegen/runtime/_events.py.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NoReturn, TypeAlias
from xml.parsers import expat

import orjson
from attrs import define, field, fields

from ._model import BEIJING, Model, wire
from .codec import Codec, DecodeError, shared

Data: TypeAlias = dict[str, Any]
"""Elements by name: text, a dict of elements, or a list where a name repeats."""

DEPTH = 8
"""How deep elements may lie in each other; WeCom needs four."""

RECEIVER = "#receiver"
"""Where the codec keeps `Event.receiver`; no element can have this name."""

NAME = re.compile(r"[^\W\d][\w.-]*")
CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
"""What XML cannot hold."""
NOT_XML = re.compile(f"[{CONTROL}]")

# `<name>text</name>`, the text in CDATA or with nothing special in it. No carriage return: a parser makes
# a line feed of it.
PLAIN = re.compile(
    rf"\s*<([A-Za-z]+)>(?:<!\[CDATA\[([^\]\r{CONTROL}]*)\]\]>|([^<&\]\r{CONTROL}]*))</\1>"
)


@define(kw_only=True, eq=False, repr=False)
class Event(Model):
    """Something that happened at WeCom. Tell events apart with `match`."""

    corp_id: str = field(default="", metadata=wire("ToUserName"))
    """The company; empty where WeCom does not name it, as in `SuiteTicketPushed`."""
    suite_id: str | None = field(default=None, metadata=wire("SuiteId"))
    """The suite that is told, or None when a corp's own app is."""
    time: datetime = field(metadata=wire("CreateTime", also=str))
    """When it happened, to the second, at UTC+8."""
    receiver: str | None = field(default=None, eq=False, repr=False, metadata=wire(RECEIVER))
    """Which of the callback's `receive_ids` the message was for; None if it was not read by a callback."""

    def __attrs_post_init__(self) -> None:
        if self.time.tzinfo is None:
            raise ValueError(f"{self.time} has no time zone; give an aware datetime")
        self.time = self.time.astimezone(BEIJING).replace(microsecond=0)

    @property
    def key(self) -> str:
        """What identifies the delivery: WeCom's repeats have the same key.

        Another event has another one, unless it says exactly the same at the same second.
        """
        said = {**shared.unstructure(self), RECEIVER: None}
        text = json.dumps(said, sort_keys=True, default=str)
        return f"{type(self).__name__}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"

    @property
    def welcome_deadline(self) -> datetime | None:
        """When the welcome code dies, 20 seconds after the event; None without a code."""
        code = getattr(self, "welcome_code", None)
        return self.time + timedelta(seconds=20) if code else None


@define(kw_only=True, eq=False, repr=False)
class UnknownEvent(Event):
    """An event this version has no class for, or whose fields do not fit its class."""

    family: str = field(default="", metadata=wire("Event"))
    """`Event` or `InfoType` of the message; empty when it is a message and no event."""
    change: str | None = field(default=None, metadata=wire("ChangeType"))

    @property
    def data(self) -> Data:
        """The other elements: text, dicts of elements, lists where a name repeats."""
        return self.extra


Table: TypeAlias = Mapping[tuple[str, str | None], type[Event]]
"""Family and change, and the class of the event."""


def read_event(message: str | bytes, table: Table, codec: Codec = shared) -> Event:
    """Build the event of a decrypted message; what the table lacks is an `UnknownEvent`."""
    data = read_json(message) if message.lstrip()[:1] in ("{", b"{") else read_xml(message)
    if "InfoType" in data and "Event" not in data:
        data["Event"] = data.pop("InfoType")
        data["ToUserName"] = data.pop("AuthCorpId", "")
        data["CreateTime"] = data.pop("TimeStamp", None)
        data.setdefault("SuiteId", "")
    else:
        if data.get("FromUserName") == "sys":
            del data["FromUserName"]
        if data.get("MsgType") == "event":
            del data["MsgType"]
    # The official page of suite_ticket has a space before the word.
    for name in ("Event", "ChangeType"):
        if data.get(name).__class__ is str:
            data[name] = data[name].strip()
    try:
        cls = table.get((data.get("Event", ""), data.get("ChangeType") or None))
    except TypeError:
        # The word is there twice, or is no word.
        cls = None
    if cls is not None:
        known = data.copy()
        del known["Event"]
        known.pop("ChangeType", None)
        for name, item in lists_of(cls):
            if name in known:
                known[name] = items_of(known[name], item)
        try:
            event: Event = codec.structure(known, cls)
        except DecodeError:
            # A field that grew a new form must not cost the whole event. Tests want to know, though.
            if codec is not shared:
                raise
        else:
            return event
    unknown: UnknownEvent = shared.structure(data, UnknownEvent)
    return unknown


LISTS: dict[type[Event], list[tuple[str, str]]] = {}


def lists_of(cls: type[Event]) -> list[tuple[str, str]]:
    """The list elements of a class, and what repeats in them."""
    if cls not in LISTS:
        wires = [each.metadata["wire"] for each in fields(cls) if "wire" in each.metadata]
        LISTS[cls] = [(each.name, each.item) for each in wires if each.item]
    return LISTS[cls]


def items_of(value: Any, item: str) -> Any:
    """A list out of `<List><Item/><Item/></List>`, however many there are."""
    if isinstance(value, dict):
        value = value.get(item, [])
    elif value == "":
        return []
    return value if value is None or isinstance(value, list) else [value]


def read_json(message: str | bytes) -> Data:
    try:
        data: Data = orjson.loads(message)
    except ValueError as error:
        raise DecodeError(f"no JSON: {error}") from None
    refuse_depth(data, DEPTH)
    return data


def refuse_depth(value: Any, left: int) -> None:
    if isinstance(value, (dict, list)):
        if not left:
            raise DecodeError(f"more than {DEPTH} levels deep")
        for each in value.values() if isinstance(value, dict) else value:
            refuse_depth(each, left - 1)


def read_plain(xml: str) -> Data | None:
    """The elements of a message that is plain and flat; None if there is more to it."""
    if not xml.startswith("<xml>"):
        return None
    data: Data = {}
    at = len("<xml>")
    while found := PLAIN.match(xml, at):
        name, quoted, bare = found.groups()
        if name in data:
            return None
        data[name] = bare if quoted is None else quoted
        at = found.end()
    return data if xml[at:].strip() == "</xml>" else None


def refuse_doctype(*_: Any) -> NoReturn:
    raise DecodeError("a DOCTYPE; WeCom sends none")


def read_xml(message: str | bytes) -> Data:
    """Elements by name. DOCTYPE, and with it every entity of one's own, is refused in any encoding."""
    try:
        plain = read_plain(message if isinstance(message, str) else message.decode())
    except UnicodeDecodeError:
        plain = None
    return plain or read_any(message)


def read_any(message: str | bytes) -> Data:
    """What `read_xml` does, for messages of any form."""
    whole: Any = None
    text = ""
    parents: list[Data] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal text
        if len(parents) == DEPTH:
            raise DecodeError(f"more than {DEPTH} levels deep")
        parents.append({})
        text = ""

    def characters(more: str) -> None:
        nonlocal text
        text += more

    def end(name: str) -> None:
        nonlocal text, whole
        value = parents.pop() or text
        text = ""
        if not parents:
            whole = value
            return
        siblings = parents[-1]
        if name not in siblings:
            siblings[name] = value
        elif siblings[name].__class__ is list:
            siblings[name].append(value)
        else:
            siblings[name] = [siblings[name], value]

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.StartElementHandler = start
    parser.CharacterDataHandler = characters
    parser.EndElementHandler = end
    try:
        parser.Parse(message, True)
    except DecodeError:
        raise
    except (expat.ExpatError, ValueError, LookupError) as error:
        # An encoding that Python does not know, or knows and expat cannot use, is no ExpatError.
        raise DecodeError(f"no XML: {error}") from None
    if not isinstance(whole, dict):
        raise DecodeError("an empty message")
    return whole


def write_event(event: Event, table: Table) -> str:
    """The message WeCom would push: a suite's envelope if the event has a `suite_id`, else an app's."""
    return write_xml(wire_data(event, table))


def wire_data(event: Event, table: Table) -> Data:
    """The elements of an event in WeCom's words and order."""
    data: Data = shared.unstructure(event)
    data.pop(RECEIVER, None)
    family: str | None
    if isinstance(event, UnknownEvent):
        family, change = data.pop("Event"), data.pop("ChangeType", None)
    else:
        names = (names for names, cls in table.items() if cls is type(event))
        family, change = next(names, (None, None))
        if family is None:
            raise ValueError(f"{type(event).__name__} is not in the table")
        for name, item in lists_of(type(event)):
            if name in data:
                data[name] = {item: data[name]} if data[name] else ""
    corp, suite, time = data.pop("ToUserName"), data.pop("SuiteId", None), data.pop("CreateTime")
    if suite is None:
        head = {
            "ToUserName": corp,
            "FromUserName": data.pop("FromUserName", "sys"),
            "CreateTime": time,
            "MsgType": data.pop("MsgType", "event"),
            "Event": family or None,
        }
    else:
        head = {
            "SuiteId": suite or None,
            "AuthCorpId": corp or None,
            "InfoType": family,
            "TimeStamp": time,
        }
    head["ChangeType"] = change
    return {**{name: each for name, each in head.items() if each is not None}, **data}


def write_xml(data: Data) -> str:
    """A message as XML; text stands in CDATA, as WeCom writes it."""
    return f"<xml>{write_elements(data)}</xml>"


def write_elements(data: Data) -> str:
    parts = []
    for name, value in data.items():
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of an XML element")
        for each in value if isinstance(value, list) else [value]:
            inside = write_elements(each) if isinstance(each, dict) else write_text(each)
            parts.append(f"<{name}>{inside}</{name}>")
    return "".join(parts)


def write_text(value: Any) -> str:
    if isinstance(value, int):
        return str(value)
    text = "" if value is None else str(value)
    if NOT_XML.search(text):
        raise ValueError(f"{text!r} has a character that XML cannot hold")
    if "]]>" in text or "\r" in text:
        # A parser turns a bare carriage return into a line feed, in CDATA too.
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return text.replace("\r", "&#13;")
    return f"<![CDATA[{text}]]>"
