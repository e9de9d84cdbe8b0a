"""Day 3: a QR code for each channel; who comes by it is greeted within 20 seconds, and tagged.

    WECOM_CORP_ID=ww… WECOM_SECRET=… WECOM_TOKEN=… WECOM_AES_KEY=… python day3_channels.py zhangsan lisi

The callback URL of the app must lead here, to PORT (8000). WeCom gets its answer at once; the work is done in threads afterwards.

WECOM_BASE_URL, if it is set, leads elsewhere than to WeCom: to a simulator, for instance.
"""

import logging
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from wsgiref.simple_server import make_server

from wecom_contact import Client, ContactWayType, MessageText, NewTag, Scene
from wecom_contact.callback import Callback, Event, wsgi
from wecom_contact.errors import WeComError
from wecom_contact.events import CustomerAdded, CustomerHalfAdded

log = logging.getLogger("channels")

TAG_GROUP = "渠道"
BEGINNING = datetime(2021, 7, 10, tzinfo=UTC)
"""WeCom lists no older contact ways."""


@dataclass(frozen=True)
class Channel:
    """Where customers come from, and what they are greeted with."""

    name: str
    greeting: str


CHANNELS = {
    "poster": Channel("海报", "您好！感谢扫描我们的海报。"),
    "store": Channel("门店", "您好！欢迎光临门店，有问题随时找我。"),
    "fair": Channel("展会", "您好！很高兴在展会上认识您，这是我们的资料。"),
}
"""By the `state` of the QR code, which comes back with the customer."""


def main(
    wecom: Client, users: Sequence[str], channels: dict[str, Channel] = CHANNELS
) -> tuple[dict[str, str], Callable[[Event], None]]:
    """Make what is missing; returns the QR codes by channel, and what takes the events."""
    codes = make_ways(wecom, users, channels)
    tags = make_tags(wecom, channels)

    def handle(event: Event) -> None:
        """Greet first: a welcome code works once, for 20 seconds."""
        match event:
            case CustomerAdded() | CustomerHalfAdded() if event.state in channels:
                if event.welcome_code:
                    greet(wecom, event.welcome_code, channels[event.state].greeting)
        match event:
            # Who is only half added cannot be tagged yet; CustomerAdded will come.
            case CustomerAdded(userid=userid, external_userid=customer, state=str(state)):
                if state in tags:
                    wecom.customer_tag.mark(
                        userid=userid, external_userid=customer, add_tag=[tags[state]]
                    )

    return codes, handle


def greet(wecom: Client, code: str, text: str) -> None:
    """Send a welcome. That may be too late, or another app was faster: no reason to stop."""
    try:
        wecom.welcome.send(welcome_code=code, text=MessageText(content=text))
    except WeComError as error:
        log.warning("no welcome: %s", error)


def make_ways(wecom: Client, users: Sequence[str], channels: dict[str, Channel]) -> dict[str, str]:
    """Find the QR code of each channel, or make it. A second run makes no second one."""
    codes: dict[str, str] = {}
    for entry in wecom.contact_way.list(start_time=BEGINNING, limit=1000):
        way = wecom.contact_way.get(config_id=entry.config_id).contact_way
        if way.state in channels and way.qr_code:
            codes[way.state] = way.qr_code
    for state, channel in channels.items():
        if state not in codes:
            made = wecom.contact_way.add(
                type=ContactWayType.MULTIPLE if len(users) > 1 else ContactWayType.SINGLE,
                scene=Scene.QR_CODE,
                user=users,
                state=state,
                remark=channel.name,
            )
            codes[state] = made.qr_code or ""
    return codes


def make_tags(wecom: Client, channels: dict[str, Channel]) -> dict[str, str]:
    """The id of each channel's tag; tags that are missing are made."""
    groups = [g for g in wecom.corp_tag.list().tag_group if g.group_name == TAG_GROUP]
    ids = {tag.name: tag.id for group in groups for tag in group.tag}
    missing = [NewTag(name=c.name) for c in channels.values() if c.name not in ids]
    if missing:
        made = wecom.corp_tag.add(group_name=TAG_GROUP, tag=missing).tag_group
        ids |= {tag.name: tag.id for tag in made.tag}
    return {state: ids[channel.name] for state, channel in channels.items()}


if __name__ == "__main__":
    from connecting import connect

    callback = Callback(
        os.environ["WECOM_TOKEN"], os.environ["WECOM_AES_KEY"], os.environ["WECOM_CORP_ID"]
    )
    with connect() as wecom:
        codes, handle = main(wecom, sys.argv[1:])
        for state, code in codes.items():
            print(f"{state}: {code}")
        port = int(os.environ.get("PORT", "8000"))
        make_server("", port, wsgi(callback, handle)).serve_forever()
