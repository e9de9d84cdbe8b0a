"""Ways in: contact ways, join ways, welcome messages and the welcome templates of groups.

Hand-written: edit codegen/surfaces/testing/_calls/ways.py.
"""

from collections.abc import Iterable

from .._answers import Ask, answers, text
from .._corp import Corp
from .._limits import DAY
from .._pages import paged
from .._refusals import Refusal
from .._things import ContactWay, Data, JoinWay, WelcomeTemplate

PARTS = ("image", "link", "miniprogram", "file", "video")
"""Which part of a welcome template counts: the first of these."""


STYLES = {1: (1, 2, 3), 2: (1, 2)}
"""Looks of a button, by the type of the contact way."""


def picture(payload: Data) -> Data:
    """An image as it is read back: a URL, whatever it was made from."""
    if "media_id" in payload:
        return {"pic_url": f"https://p.qpic.cn/pic_wework/{payload['media_id']}"}
    return {"pic_url": payload["pic_url"]}


def check_style(ask: Ask, type: int) -> None:
    """Refuse a look that a button for one or for several does not have."""
    if ask.get("style") is not None and ask["style"] not in STYLES[type]:
        raise Refusal(41042)


def check_members(ask: Ask, users: Iterable[str], parties: Iterable[int]) -> None:
    """Refuse members whom a customer cannot add, and too many of them."""
    corp = ask.corp
    for userid in users:
        member = corp.members.get(userid)
        if member is None or member.resigned or not member.customer_contact:
            raise Refusal(60011, f"userid: {userid}")
        if not member.active or not member.verified:
            raise Refusal(41054, f"userid: {userid}")
    corp.check_departments(parties, 60011)
    everybody = {each.userid for each in corp.within(parties)} | set(users)
    if corp.limits.quotas and len(everybody) > corp.limits.contact_way_members:
        raise Refusal(41041)


def check_account(ask: Ask) -> None:
    """Refuse a unionid where the corp knows none."""
    if ask.get("unionid") and not ask.corp.developer_account:
        raise Refusal(41057)


def check_room(corp: Corp) -> None:
    """Refuse one way more than there may be."""
    most = corp.limits.contact_ways - len(corp.join_ways)
    # Temporary ones do not count, but nobody has to look at them while there is room for all.
    if (
        corp.limits.quotas
        and len(corp.contact_ways) >= most
        and sum(not way.is_temp for way in corp.contact_ways.values()) >= most
    ):
        raise Refusal(41045)


def conclusions(ask: Ask) -> Data | None:
    """The farewell of a temporary chat, with the one piece of media that counts."""
    given: Data | None = ask.get("conclusions")
    if given is None:
        return None
    kept = {"text": given["text"]} if text(given) else {}
    part = next((key for key in PARTS[:3] if given.get(key)), None)
    if part is not None:
        ask.corp.check_media(part, given[part])
        kept[part] = given[part]
    if given.get("text") and not kept and ask.name == "contact_way.add":
        raise Refusal(40058, "conclusions: nothing to say")  # later, it takes the farewell away
    return kept


def way_of(ask: Ask) -> ContactWay:
    way = ask.corp.contact_ways.get(ask["config_id"])
    if way is None:
        raise Refusal(41044)
    return way


@answers("contact_way.add")
def add_contact_way(ask: Ask) -> Data:
    corp = ask.corp
    users, parties = ask.get("user", []), ask.get("party", [])
    if ask["type"] == 1 and (len(users) != 1 or parties):
        raise Refusal(40058, "type 1 takes one user and no party")
    if not users and not parties:
        raise Refusal(40058, "user and party are both empty")
    temporary = bool(ask.get("is_temp"))
    if temporary and ask["type"] != 1:
        raise Refusal(40058, "a temporary chat is with one member")
    if temporary:
        if not corp.medical:
            raise Refusal(48002, "temporary chats are for corps of the medical industry")
        check_account(ask)
    check_members(ask, users, parties)
    check_style(ask, ask["type"])
    if not temporary:
        check_room(corp)
    elif corp.limits.quotas:
        since = corp.clock.seconds() - DAY
        recent = sum(w.is_temp and w.create_time > since for w in corp.contact_ways.values())
        if recent >= corp.limits.temporary_ways_a_day:
            raise Refusal(41045)
    way = ContactWay(
        corp.ids.hex("config"),
        ask.app,
        corp.clock.seconds(),
        ask["type"],
        ask["scene"],
        (ask.get("style") or 1) if ask["scene"] == 1 else None,
        ask.get("remark", ""),
        ask.get("skip_verify", True),
        ask.get("state", ""),
        list(users),
        list(parties),
        temporary,
        ask.get("expires_in", 7 * DAY) if temporary else None,
        ask.get("chat_expires_in", DAY) if temporary else None,
        ask.get("unionid") if temporary else None,
        ask.get("mark_source"),
        conclusions(ask) if temporary else None,
        bool(ask.get("is_exclusive")),
    )
    corp.contact_ways[way.config_id] = way
    reply = {"config_id": way.config_id}
    return {**reply, "qr_code": way.qr_code} if way.scene == 2 else reply


@answers("contact_way.get")
def get_contact_way(ask: Ask) -> Data:
    way = way_of(ask)
    shown: Data = {
        "config_id": way.config_id,
        "type": way.type,
        "scene": way.scene,
        "remark": way.remark,
        "skip_verify": way.skip_verify,
        "state": way.state,
        "user": way.users,
        "party": way.parties,
        "is_temp": way.is_temp,
    }
    if way.scene == 2:
        shown["qr_code"] = way.qr_code
    others = {
        "style": way.style,
        "expires_in": way.expires_in,
        "chat_expires_in": way.chat_expires_in,
        "unionid": way.unionid,
        "mark_source": way.mark_source,
    }
    shown |= {key: value for key, value in others.items() if value is not None}
    if way.conclusions is not None:
        shown["conclusions"] = dict(way.conclusions)
        if "image" in way.conclusions:
            shown["conclusions"]["image"] = picture(way.conclusions["image"])
    return {"contact_way": [shown] if ask.corp.manner.contact_way_in_list else shown}


@answers("contact_way.list")
def list_contact_ways(ask: Ask) -> Data:
    now = ask.corp.clock.seconds()
    begin, end = ask.get("start_time") or now - 90 * DAY, ask.get("end_time") or now
    found = [
        way
        for way in ask.corp.contact_ways.values()
        if not way.is_temp and begin <= way.create_time <= end
    ]
    query = (ask.get("start_time"), ask.get("end_time"))
    shown, next_ = paged(
        ask.name, ask.data, found, lambda way: {"config_id": way.config_id}, query=query
    )
    return {"contact_way": shown, **next_}


@answers("contact_way.update")
def update_contact_way(ask: Ask) -> None:
    way = way_of(ask)
    over = ask.corp.clock.time() >= way.create_time + (way.expires_in or 0)
    if way.is_temp and (way.scans or over):
        raise Refusal(41044, "it has expired, or was used")
    if ask.get("mark_source") is not None and way.app != ask.app:
        raise Refusal(40058, "mark_source: only the app that made the contact way sets it")
    users = ask.get("user", way.users)
    # A way for one member has no departments, whatever is given.
    parties = [] if way.type == 1 else ask.get("party", way.parties)
    if way.type == 1 and len(users) != 1:
        raise Refusal(40058, "type 1 takes one user")
    if not users and not parties:
        raise Refusal(40058, "user and party are both empty")
    check_members(ask, users, parties)
    check_style(ask, way.type)
    if way.is_temp:
        check_account(ask)
    if way.is_temp and ask.get("conclusions") is not None:
        way.conclusions = conclusions(ask)
    way.users, way.parties = list(users), list(parties)
    for key in ("remark", "skip_verify", "state", "mark_source"):
        setattr(way, key, ask.get(key, getattr(way, key)))
    if way.scene == 1:
        way.style = ask.get("style", way.style)
    if way.is_temp:
        for key in ("expires_in", "chat_expires_in", "unionid"):
            setattr(way, key, ask.get(key, getattr(way, key)))


@answers("contact_way.delete")
def delete_contact_way(ask: Ask) -> None:
    del ask.corp.contact_ways[way_of(ask).config_id]


@answers("contact_way.close_temp_chat")
def close_temp_chat(ask: Ask) -> None:
    corp = ask.corp
    corp.follow_of(ask["userid"], ask["external_userid"])
    pair = (ask["userid"], ask["external_userid"])
    way = corp.temp_chats.get(pair)
    if way is None:
        raise Refusal(40058, "there is no temporary chat")
    corp.end_temp_chat(pair, way)


def join_way_of(ask: Ask) -> JoinWay:
    way = ask.corp.join_ways.get(ask["config_id"])
    if way is None or way.app != ask.app:
        raise Refusal(41044)
    return way


def fill(ask: Ask, way: JoinWay) -> None:
    """Everything is overwritten: what is left out is reset."""
    for each in ask["chat_id_list"]:
        if ask.corp.customer_group(each) is None:
            raise Refusal(40050, f"chatid: {each}")
    way.scene = ask["scene"]
    way.chat_ids = list(ask["chat_id_list"])
    # A remark of more than 30 characters is cut, not refused.
    way.remark = ask.get("remark", "")[:30]
    way.auto_create_room = bool(ask.get("auto_create_room", 1))
    way.room_base_name = ask.get("room_base_name") if way.auto_create_room else None
    way.room_base_id = ask.get("room_base_id") if way.auto_create_room else None
    way.state = ask.get("state", "")
    way.mark_source = ask.get("mark_source")


@answers("group_join_way.add")
def add_join_way(ask: Ask) -> Data:
    corp = ask.corp
    check_room(corp)
    way = JoinWay(corp.ids.hex("config"), ask.app, corp.clock.seconds(), ask["scene"], [])
    fill(ask, way)
    corp.join_ways[way.config_id] = way
    return {"config_id": way.config_id}


@answers("group_join_way.get")
def get_join_way(ask: Ask) -> Data:
    way = join_way_of(ask)
    shown: Data = {
        "config_id": way.config_id,
        "scene": way.scene,
        "remark": way.remark,
        "auto_create_room": int(way.auto_create_room),
        "chat_id_list": way.chat_ids,
        "state": way.state,
    }
    if way.scene == 2:
        shown["qr_code"] = way.qr_code
    others = {
        "room_base_name": way.room_base_name,
        "room_base_id": way.room_base_id,
        "mark_source": way.mark_source,
    }
    shown |= {key: value for key, value in others.items() if value is not None}
    return {"join_way": shown}


@answers("group_join_way.update")
def update_join_way(ask: Ask) -> None:
    fill(ask, join_way_of(ask))


@answers("group_join_way.delete")
def delete_join_way(ask: Ask) -> None:
    del ask.corp.join_ways[join_way_of(ask).config_id]


@answers("welcome.send")
def send_welcome(ask: Ask) -> None:
    corp = ask.corp
    code = corp.welcome_codes.get(ask["welcome_code"])
    if code is None or corp.clock.time() > code.created_at + corp.lifetimes.welcome_code:
        raise Refusal(41050)
    sending = corp.clock.time() < code.sent_at + corp.lifetimes.welcome_sending
    if code.used and code.sent_by != ask.app and sending:
        raise Refusal(41096)
    if code.used or code.follow.messages:
        raise Refusal(41051)
    if not ask.sees(code.follow.member.userid):
        raise Refusal(60011, f"userid: {code.follow.member.userid}")
    attachments = ask.get("attachments", [])
    if not text(ask.data) and not attachments:
        raise Refusal(40058, "text and attachments are both empty")
    attachments = corp.checked(attachments)
    follow = code.follow
    member, external_userid = follow.member, follow.customer.external_userid
    if member.resigned or follow.deleted or member.follows.get(external_userid) is not follow:
        raise Refusal(84061)
    if not corp.lately_in(member):
        raise Refusal(40205, f"userid: {member.userid}")
    if member.archived and not follow.agreed:
        code.held = True
        raise Refusal(41053)
    code.used, code.sent_by, code.sent_at = True, ask.app, corp.clock.time()
    corp.deliver("welcome", member.userid, external_userid, text(ask.data), attachments)


def content(ask: Ask) -> Data:
    """The text and the one part that counts."""
    kept: Data = {"text": ask["text"]} if text(ask.data) else {}
    part = next((key for key in PARTS if ask.get(key)), None)
    if part is not None:
        payload = ask.corp.picture(ask[part]) if part == "image" else ask[part]
        # Files fetched by URL are for these templates, beside those of the usual upload.
        made = ask.corp.media.get(payload.get("media_id", ""))
        ask.corp.check_media(part, payload, 3 if made is not None and made.use == 3 else 0)
        kept[part] = payload
    if not kept:
        raise Refusal(40058, "nothing to say")
    return kept


def template_of(ask: Ask) -> WelcomeTemplate:
    template = ask.corp.welcome_templates.get(ask["template_id"])
    if template is None:
        raise Refusal(40058, "invalid template_id")
    return template


@answers("group_welcome_template.add")
def add_template(ask: Ask) -> Data:
    corp = ask.corp
    if corp.limits.quotas and len(corp.welcome_templates) >= corp.limits.welcome_templates:
        raise Refusal(41055)
    template = WelcomeTemplate(f"msg{corp.ids.body('template', 25)}", ask.app, content(ask))
    corp.welcome_templates[template.template_id] = template
    return {"template_id": template.template_id}


@answers("group_welcome_template.edit")
def edit_template(ask: Ask) -> None:
    template = template_of(ask)
    ask.mine(template.app, 41058)
    template.content = content(ask)


@answers("group_welcome_template.get")
def get_template(ask: Ask) -> Data:
    kept = ask.corp.with_live_media(template_of(ask).content)
    return {key: picture(part) if key == "image" else part for key, part in kept.items()}


@answers("group_welcome_template.delete")
def delete_template(ask: Ask) -> None:
    template = template_of(ask)
    ask.mine(template.app, 41058)
    del ask.corp.welcome_templates[template.template_id]
