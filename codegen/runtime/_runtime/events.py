"""From a decrypted message to an event and back: both envelopes, XML and JSON. No I/O, no cryptography.

A corp's own app and a third-party suite are told the same things under different words:

    own app    ToUserName  FromUserName  CreateTime  MsgType  Event     ChangeType  …
    suite      AuthCorpId  SuiteId       TimeStamp            InfoType  ChangeType  …

Inside, everything has the first line's words. Most messages are so plain that one pattern reads them; the
others go to expat, and what is not proper XML to a reader that takes what it can get. WeCom has signed the
message, so whatever it holds is an event: a message that fits no class, or is not XML at all, is an
`UnknownEvent`. Refused is only what holds nothing, and what can only be an attack or an accident of a size
that must not be handed on: a DOCTYPE, and elements that lie too deep in each other.

Hand-written: edit codegen/runtime/_runtime/events.py.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NoReturn, TypeAlias
from xml.parsers import expat

import orjson
from attrs import define, field, fields

from ..errors import RefusedArgument
from . import forgiving
from .codec import Codec, dumps, shared
from .faults import DecodeError
from .model import BEIJING, Model, wire
from .policy import MAX_SECONDS
from .secrets import hide_locals

Data: TypeAlias = dict[str, Any]
"""Elements by name: text, a dict of elements, or a list where a name repeats."""

DEPTH = 8
"""How deep elements may lie in each other; WeCom needs four."""

RECEIVER = "#receiver"
"""Where the codec keeps `Event.receiver`; no element can have this name."""

WORDS = ("ToUserName", "SuiteId", "Event", "ChangeType")
"""Elements of the envelope that are one word each."""

RAW = "#text"
"""Where an `UnknownEvent` keeps a message that is not proper XML or JSON; no element can have this name, either."""

NAME = re.compile(r"[^\W\d][\w.-]*")
CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
"""What XML cannot hold."""
NOT_XML = re.compile(f"[{CONTROL}]")

# `<name>text</name>`, the text in CDATA or with nothing special in it. No carriage return: a parser makes
# a line feed of it. No line feed outside CDATA: it may be layout.
VALUE = rf"(?:<!\[CDATA\[([^\]\r{CONTROL}]*)\]\]>|([^<&\]\r\n{CONTROL}]*))"
ELEMENT = re.compile(rf"\s*<([A-Za-z]+)>{VALUE}</\1>")
# The same for an element that holds such elements, as lists do.
NESTED = re.compile(rf"\s*<([A-Za-z]+)>((?:\s*<([A-Za-z]+)>{VALUE}</\3>)+)\s*</\1>")

AROUND = " \t\r\n\ufeff\ufffd"
"""What may stand around a message, a byte order mark among it."""
EMPTY = re.compile(r"</?\w+\s*/?>|[\s\ufeff]")
"""What says nothing, if there is nothing else."""

LAYOUT = " \t\n"
"""Blanks that may stand around CDATA without being part of the value. A carriage return that a parser lets
through was written as a reference, so it is meant."""

DECLARED = re.compile(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']""")
SURROGATES = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
"""A character beyond 16 bits as CESU-8 writes it: as two surrogates."""

# What a message falls into where it is not proper XML. Each part reaches to the end of the message where its own
# end is missing, so that no part is looked at twice.
PART = re.compile(
    r"""
    <!\[CDATA\[ (?P<quoted>.*?) (?: \]\]> | \Z )
    | <!-- .*? (?: --> | \Z )
    | <\? .*? (?: \?> | \Z )
    | (?P<doctype> <!DOCTYPE )
    | </ (?P<end>[^\W\d][\w.:-]*) [^<>]* >?
    | < (?P<name>[^\W\d][\w.:-]*)
        (?: (?> (?: [^<>"'/] | /(?!>) | "[^"<]*" | '[^'<]*' )* ) | [^<>]*? ) (?P<empty>/?) (?: > | \Z )
    | (?P<bare> [^<]+ | < )
    """,
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
REFERENCE = re.compile(
    r"&(?:#([0-9]{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos));", re.IGNORECASE
)
ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


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
        if not isinstance(self.time, datetime):
            what = f"an aware datetime, not {type(self.time).__name__}"
            raise RefusedArgument(what, f"{type(self).__name__}.time")
        if self.time.tzinfo is None:
            what = f"{self.time} has no time zone; give an aware datetime"
            raise RefusedArgument(what, f"{type(self).__name__}.time")
        self.time = self.time.astimezone(BEIJING).replace(microsecond=0)

    @property
    def key(self) -> str:
        """What identifies the delivery: WeCom's repeats have the same key.

        Another event has another one, unless it says exactly the same at the same second.
        """
        try:
            # What a field could not take is in `.extra` and goes back, and so tells events apart.
            said = {**shared.unstructure(self), RECEIVER: None}
            text = json.dumps(said, sort_keys=True, default=str)
            return f"{type(self).__name__}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"
        except BaseException as error:
            hide_locals(error)
            said, text = {}, ""
            raise

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
        """The other elements: text, dicts of elements, lists where a name repeats.

        What could not be understood is here under its wire name (`CreateTime`, two `Event`), and a message that is no
        proper XML or JSON is here as it came, under `#text`.
        """
        return self.extra


Table: TypeAlias = Mapping[tuple[str, str | None], type[Event]]
"""Family and change, and the class of the event."""


def read_event(message: str | bytes, table: Table, codec: Codec = shared) -> Event:
    """Build the event of a decrypted message; what the table lacks or cannot be read is an `UnknownEvent`.

    Raises `DecodeError` for a message that holds nothing, one with a DOCTYPE, and one too deep.
    """
    text = message if isinstance(message, str) else decode(message)
    plain = read_plain(text)
    data = plain or read_message(text)
    if "InfoType" in data and "Event" not in data:
        data["Event"] = data.pop("InfoType")
        data["ToUserName"] = data.pop("AuthCorpId", data.get("ToUserName", ""))
        data["CreateTime"] = data.pop("TimeStamp", data.get("CreateTime"))
        data.setdefault("SuiteId", "")
    else:
        if data.get("FromUserName") == "sys":
            del data["FromUserName"]
        if data.get("MsgType") == "event":
            del data["MsgType"]
    if not plain:
        unrepeat(data, (*WORDS, "CreateTime"))
    # The official page of suite_ticket has a space before the word.
    for name in ("Event", "ChangeType"):
        if data.get(name).__class__ is str:
            data[name] = data[name].strip()
    written = data.get("CreateTime")
    time = read_time(written)
    unreadable = time is None and written not in ("", "0", 0, None)
    if time is not None:
        data["CreateTime"] = time
    try:
        cls = table.get((data.get("Event", ""), data.get("ChangeType") or None))
    except TypeError:
        # The word is there twice, or is not a word.
        cls = None
    if cls is not None:
        known = data.copy()
        known.pop(RAW, None)
        if not plain:
            unrepeat(known, [attr.metadata["wire"].name for attr in fields(cls) if attr.metadata])
        del known["Event"]
        known.pop("ChangeType", None)
        # The moment may be lost, the event is not.
        lost = unreadable and not codec.policy.strict
        if lost:
            del known["CreateTime"]
        for name, item in lists_of(cls):
            if name in known:
                known[name] = items_of(known[name], item)
        event: Event = codec.structure(known, cls)
        if lost:
            event.extra["CreateTime"] = written
        return event
    if not unreadable:
        data.pop("CreateTime", None)
    return unknown_event(data, time or 0)


def unknown_event(data: Data, time: int) -> UnknownEvent:
    """What could be read of a message, whatever it holds. Nothing of it gets lost."""
    words = {}
    for name in WORDS:
        value = data.get(name)
        first = value[0] if value.__class__ is list and value else value
        words[name] = first if first.__class__ is str else None
        if words[name] is value:
            data.pop(name, None)
    return UnknownEvent(
        receiver=data.pop(RECEIVER, None),
        corp_id=words["ToUserName"] or "",
        suite_id=words["SuiteId"],
        time=datetime.fromtimestamp(time, BEIJING),
        family=words["Event"] or "",
        change=words["ChangeType"],
        extra=data,
    )


def read_time(value: Any) -> int | None:
    """Seconds since 1970, from seconds or milliseconds; None for what is not the time of an event."""
    if value.__class__ is str:
        value = value.strip()
        if not (value.isascii() and value.isdigit() and len(value) < 16):
            return None
        value = int(value)
    if value.__class__ is not int or value <= 0:
        return None
    seconds: int = value if value <= MAX_SECONDS else value // 1000
    return seconds if seconds <= MAX_SECONDS else None


def read_message(text: str) -> Data:
    """The elements of a message of any form."""
    text = mend(text)
    inside = text.strip(AROUND)
    data = read_json(inside) if inside[:1] in ("{", "[") else read_xml(inside)
    if data:
        return data
    if not EMPTY.sub("", text):
        raise DecodeError("an empty message")
    return {RAW: text}


def unrepeat(data: Data, names: Iterable[str]) -> None:
    """Keep one of the elements with such a name if it is there more than once and always says the same."""
    for name in names:
        value = data.get(name)
        if value.__class__ is list and value and all(item == value[0] for item in value):
            data[name] = value[0]


def decode(message: bytes) -> str:
    """The text of a message: in UTF-8, in what its first bytes show, or in what it says; else what can be read."""
    if not isinstance(message, bytes):
        raise RefusedArgument(f"text or bytes, not {type(message).__name__}", "parse.message")
    encodings = ["utf-8"]
    if message.startswith(b"<xml>"):
        try:
            return message.decode()
        except UnicodeDecodeError:
            pass
    else:
        # Most messages are UTF-8, even where they say otherwise.
        declared = DECLARED.match(message)
        encodings = [json.detect_encoding(message)]
        encodings += [declared[1].decode()] if declared else []
    for encoding in encodings:
        try:
            return message.decode(encoding)
        except (LookupError, ValueError):
            pass
    joined = SURROGATES.sub(
        lambda pair: mend(pair[0].decode("utf-8", "surrogatepass")).encode(), message
    )
    return joined.decode(encodings[0], "replace")


def mend(text: str) -> str:
    """Pairs of surrogates as the character they mean, and U+FFFD for one alone and for what XML cannot hold."""
    return NOT_XML.sub("\ufffd", forgiving.join_surrogates(text))


LIST_ELEMENTS: dict[type[Event], list[tuple[str, str]]] = {}


def lists_of(cls: type[Event]) -> list[tuple[str, str]]:
    """The list elements of a class, and what repeats in them."""
    if cls not in LIST_ELEMENTS:
        wires = [attr.metadata["wire"] for attr in fields(cls) if "wire" in attr.metadata]
        LIST_ELEMENTS[cls] = [(mark.name, mark.item) for mark in wires if mark.item]
    return LIST_ELEMENTS[cls]


def items_of(value: Any, item: str) -> Any:
    """A list out of `<List><Item/><Item/></List>`, however many there are."""
    if isinstance(value, dict):
        value = value.get(item, [])
    elif isinstance(value, str) and not value.strip():
        return []
    return value if value is None or isinstance(value, list) else [value]


def read_json(text: str) -> Data | None:
    """The members of a JSON object, also of one alone in a list; None for other JSON and for what is none."""
    data = loads(text)
    if data.__class__ is list and len(data) == 1:
        data = data[0]
    if data.__class__ is not dict:
        return None
    refuse_depth(data, DEPTH)
    return data


def loads(text: str | bytes) -> Any:
    """JSON data, with control characters, lone surrogates and broken UTF-8 if need be; None if it is not JSON."""
    try:
        return orjson.loads(text)
    except ValueError:
        pass
    try:
        return forgiving.read(text, str)
    except forgiving.TooDeep:
        raise DecodeError(f"more than {DEPTH} levels deep") from None
    except ValueError:
        return None


def refuse_depth(value: Any, left: int) -> None:
    if isinstance(value, (dict, list)):
        if not left:
            raise DecodeError(f"more than {DEPTH} levels deep")
        for item in value.values() if isinstance(value, dict) else value:
            refuse_depth(item, left - 1)


def read_plain(xml: str) -> Data | None:
    """The elements of a message that is plain, with lists at most; None if there is more to it."""
    if not xml.startswith("<xml>"):
        return None
    data: Data = {}
    at = len("<xml>")
    while True:
        while found := ELEMENT.match(xml, at):
            name, quoted, bare = found.groups()
            if name in data:
                return None
            data[name] = bare if quoted is None else quoted
            at = found.end()
        if xml[at:].strip() == "</xml>":
            return data
        found = NESTED.match(xml, at)
        if found is None or found[1] in data:
            return None
        data[found[1]] = read_items(found[2])
        at = found.end()


def read_items(xml: str) -> Data:
    """The elements in an element, where a name may repeat."""
    data: Data = {}
    for name, quoted, bare in ELEMENT.findall(xml):
        add(data, name, quoted or bare)
    return data


def add(data: Data, name: str, value: Any) -> None:
    """Put an element beside the others; a name that repeats makes a list."""
    if name not in data:
        data[name] = value
    elif data[name].__class__ is list:
        data[name].append(value)
    else:
        data[name] = [data[name], value]


def refuse_doctype(*_: Any) -> NoReturn:
    raise DecodeError("a DOCTYPE; WeCom sends none")


def read_xml(text: str) -> Data | None:
    """Elements by name; None where there are none. DOCTYPE, and with it every entity of one's own, is refused."""
    try:
        return read_any(text)
    except expat.ExpatError:
        data = read_loose(text)
        # Between tags that do not fit, something may have been overlooked.
        return data and {**data, RAW: text}


class Elements:
    """Puts elements together from what a reader finds, in its order."""

    __slots__ = ("bare", "names", "parents", "text", "root")

    def __init__(self) -> None:
        self.root: Data | None = None
        """The elements of the first that was read to its end and has some."""
        self.names: list[str] = []
        self.parents: list[Data] = []
        self.text: str | None = None
        """What stood in CDATA; None if there was none."""
        self.bare = ""
        """What stood outside since the last tag or CDATA."""

    def start(self, name: str, attributes: object = None) -> None:
        if len(self.parents) == DEPTH:
            raise DecodeError(f"more than {DEPTH} levels deep")
        self.names.append(name)
        self.parents.append({})
        self.text, self.bare = None, ""

    def characters(self, more: str) -> None:
        self.bare += more

    def quote(self) -> None:
        """CDATA begins: blanks before it are layout."""
        self.text = (self.text or "") + (self.bare if self.bare.strip(LAYOUT) else "")
        self.bare = ""

    def unquote(self) -> None:
        """CDATA ends."""
        self.text = (self.text or "") + self.bare
        self.bare = ""

    def end(self, _: object = None) -> None:
        if self.text is None:
            text = self.bare.strip(LAYOUT) if "\n" in self.bare else self.bare
        else:
            text = self.text + (self.bare if self.bare.strip(LAYOUT) else "")
        self.text, self.bare = None, ""
        name, children = self.names.pop(), self.parents.pop()
        if not self.parents:
            self.root = self.root or children
        else:
            add(self.parents[-1], name, children or text)


def read_any(text: str) -> Data | None:
    """What `read_xml` does, for proper XML of any form."""
    elements = Elements()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.StartElementHandler = elements.start
    parser.CharacterDataHandler = elements.characters
    parser.StartCdataSectionHandler = elements.quote
    parser.EndCdataSectionHandler = elements.unquote
    parser.EndElementHandler = elements.end
    parser.Parse(text, True)
    return elements.root


def read_loose(text: str) -> Data | None:
    """What `read_xml` does, for what is not proper XML: tags that do not fit, ends that are missing, stray signs."""
    elements = Elements()
    for part in PART.finditer(text.replace("\r\n", "\n").replace("\r", "\n")):
        quoted, name, end, bare = part["quoted"], part["name"], part["end"], part["bare"]
        if part["doctype"]:
            refuse_doctype()
        if bare:
            elements.characters(REFERENCE.sub(dereference, bare))
        elif quoted is not None:
            elements.quote()
            elements.characters(quoted)
            elements.unquote()
        elif name:
            elements.start(name)
            if part["empty"]:
                elements.end()
        elif end in elements.names:
            while elements.names[-1] != end:
                elements.end()
            elements.end()
        elif end and len(elements.names) > 1:
            # The name of the end is damaged, or that of the beginning.
            elements.end()
    while elements.names:
        elements.end()
    return elements.root


def dereference(found: re.Match[str]) -> str:
    decimal, hexadecimal, name = found.groups()
    if name:
        return ENTITIES[name.lower()]
    number = int(decimal) if decimal else int(hexadecimal, 16)
    return mend(chr(number)) if number < 0x110000 else "\ufffd"


def write_event(event: Event, table: Table) -> str:
    """The message WeCom would push: a suite's envelope if the event has a `suite_id`, else an app's."""
    raw = event.extra.get(RAW)
    if isinstance(raw, str):
        return raw
    return write_xml(wire_data(event, table))


def wire_data(event: Event, table: Table) -> Data:
    """The elements of an event in WeCom's words and order."""
    # What a field could not take is in `.extra` under the same name, and is told as it was.
    data: Data = {**shared.unstructure(event), **event.extra}
    data.pop(RECEIVER, None)
    family: str | None
    if isinstance(event, UnknownEvent):
        family, change = data.pop("Event"), data.pop("ChangeType", None)
    else:
        names = (names for names, cls in table.items() if cls is type(event))
        family, change = next(names, (None, None))
        if family is None:
            raise RefusedArgument(f"{type(event).__name__} is not in the table", "event")
        for name, item in lists_of(type(event)):
            if name in data:
                data[name] = {item: data[name]} if data[name] else ""
    corp, suite, time = data.pop("ToUserName"), data.pop("SuiteId", None), data.pop("CreateTime")
    if suite is None:
        head = {
            "ToUserName": corp,
            "FromUserName": "sys",
            "CreateTime": time,
            "MsgType": "event",
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
    # What the event says itself stands in the place of what is usual.
    return {**{name: value for name, value in head.items() if value is not None}, **data}


def dump_event(event: Event, table: Table) -> str:
    """An event as JSON that can be read again, with what WeCom does not write: who received it."""
    if not isinstance(event, Event):
        raise RefusedArgument(f"an event, not {type(event).__name__}", "event")
    receiver = {} if event.receiver is None else {RECEIVER: event.receiver}
    return dumps({**wire_data(event, table), **receiver}, "event").decode()


def write_xml(data: Data) -> str:
    """A message as XML; text stands in CDATA, as WeCom writes it."""
    return f"<xml>{write_elements(data)}</xml>"


def write_elements(data: Data) -> str:
    parts = []
    for name, value in data.items():
        if not NAME.fullmatch(name):
            raise RefusedArgument(f"{name!r} is not the name of an XML element")
        for item in value if isinstance(value, list) else [value]:
            try:
                inside = write_elements(item) if isinstance(item, dict) else write_text(item)
            except RefusedArgument as error:
                raise error.under(name) from None
            parts.append(f"<{name}>{inside}</{name}>")
    return "".join(parts)


def write_text(value: Any) -> str:
    if isinstance(value, int):
        return str(value)
    text = "" if value is None else str(value)
    if NOT_XML.search(text):
        raise RefusedArgument("has a character that XML cannot hold")
    # A parser turns a bare carriage return into a line feed, in CDATA too; and CDATA ends where it likes.
    text = text.replace("]]>", "]]]]><![CDATA[>").replace("\r", "]]>&#13;<![CDATA[")
    return f"<![CDATA[{text}]]>"
