"""Customer groups."""

from wecom_contact.testing import Simulator

from simulator.asking import Asker
from simulator.rules import rule


@rule(
    "92120",
    "Too many owners in sight are refused without an `owner_filter` (81017).",
    "可见的群主过多又不填 `owner_filter` 时报 81017。",
)
def test_groups_are_listed_newest_first_by_status_and_owner(corp: Simulator, ask: Asker) -> None:
    zhang, gone = corp.add_member("zhangsan"), corp.add_member("gone")
    first = corp.add_group_chat("一", zhang, when=100)
    second = corp.add_group_chat("二", gone, when=200)
    corp.group_dismissed(corp.add_group_chat("三", zhang))
    corp.resign(gone)
    chats = ask.good("group_chat.list", limit=10)["group_chat_list"]
    assert chats == [
        {"chat_id": second.chat_id, "status": 1},
        {"chat_id": first.chat_id, "status": 0},
    ]
    assert len(ask.good("group_chat.list", limit=10, status_filter=1)["group_chat_list"]) == 1
    own = {"owner_filter": {"userid_list": ["zhangsan"]}, "limit": 10}
    assert len(ask.good("group_chat.list", **own)["group_chat_list"]) == 1
    corp.add_member("lisi")
    corp.limits.owners_unfiltered = 1
    assert ask.code("group_chat.list", limit=10) == 81017
    ask.good("group_chat.list", **own)


@rule(
    "92122",
    "Names come with `need_name=1` alone; the `state` of a join way stays with whoever came by it.",
    "仅当 `need_name=1` 时返回成员名字；经「加入群聊」进群的人带有其 `state`。",
)
def test_a_group_shows_its_owner_admins_and_members(corp: Simulator, ask: Asker) -> None:
    zhang, li = corp.add_member("zhangsan"), corp.add_member("lisi", "李四")
    wang = corp.add_customer("王五")
    chat = corp.add_group_chat("群", zhang, [wang.external_userid, "lisi"], admins=[li])
    corp.customer_joins(corp.add_join_way([chat], state="door"), name="赵六")
    shown = ask.good("group_chat.get", chat_id=chat.chat_id, need_name=1)["group_chat"]
    assert shown["admin_list"] == [{"userid": "lisi"}]
    owner, first, second, third = shown["member_list"]
    assert (owner["userid"], owner["type"]) == ("zhangsan", 1)
    assert (first["name"], first["invitor"], first["type"]) == ("王五", {"userid": "zhangsan"}, 2)
    assert first["unionid"] == corp.unionid(wang)
    assert (second["userid"], second["invitor"]) == ("lisi", {"userid": "zhangsan"})
    assert "invitor" not in owner
    assert (third["join_scene"], third["state"], "invitor" in third) == (3, "door", False)
    plain = ask.good("group_chat.get", chat_id=chat.chat_id)["group_chat"]
    assert "name" not in plain["member_list"][0]
    assert "notice" not in plain
    assert ask.code("group_chat.get", chat_id="wrno") == 40050
    assert ask.good("group_chat.opengid_to_chatid", opengid=chat.opengid)["chat_id"] == chat.chat_id
    assert ask.code("group_chat.opengid_to_chatid", opengid="ogno") == 90511
    corp.group_dismissed(chat)
    assert ask.code("group_chat.get", chat_id=chat.chat_id) == 40050
