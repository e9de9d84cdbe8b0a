"""Acquisition links, uploads, products, words nobody may say, ids of other worlds."""

import json
from typing import Any

import pytest
from wecom_contact import Client, Upload, events
from wecom_contact.media import MediaType
from wecom_contact.testing import AcquisitionLink, Follow, Media, Member, Request, Simulator
from wecom_contact.testing._serve import file_reply

from simulator.asking import PNG, Asker, send
from simulator.rules import rule


@pytest.fixture
def zhang(corp: Simulator) -> Member:
    return corp.add_member("zhangsan")


@rule(
    "92571",
    "Only members with the customer-contact feature are listed as serving customers.",
    "仅返回配置了客户联系功能的成员。",
)
def test_only_members_with_the_permission_serve_customers(
    corp: Simulator, zhang: Member, ask: Asker
) -> None:
    corp.add_member("writer", customer_contact=False, department=corp.add_department("行政部"))
    assert ask.good("follow_user.list")["follow_user"] == ["zhangsan"]
    said = ask.good("follow_user.check", userid=["zhangsan", "writer"], partyid=[1, 2, 3])
    assert said["authorized"] == {"userid": ["zhangsan"], "partyid": [1]}
    assert said["unauthorized"] == {"userid": ["writer"], "partyid": [2, 3]}


@rule(
    "96312",
    "Of members and departments that are asked about, what is empty is left out of the answer.",
    "检查客户联系功能权限时，结果为空的字段不返回。",
)
def test_what_is_empty_is_left_out(corp: Simulator, zhang: Member, ask: Asker) -> None:
    call = "follow_user.check"
    assert ask.good(call, userid=["zhangsan"])["authorized"] == {"userid": ["zhangsan"]}
    assert "unauthorized" not in ask.good(call, userid=["zhangsan"])
    assert ask.good(call, userid=["nobody"])["unauthorized"] == {"userid": ["nobody"]}
    assert "authorized" not in ask.good(call, userid=["nobody"])


def added(corp: Simulator, link: AcquisitionLink, **words: Any) -> Follow:
    """A customer who came by the link."""
    follow = corp.customer_clicks(link, **words)
    assert follow is not None
    return follow


def told(corp: Simulator) -> list[str]:
    """What the app was told about links, oldest first."""
    return [type(each).__name__.removeprefix("Acquisition") for each in corp.callbacks.events]


class TestAcquisition:
    """Links by which customers come."""

    @rule(
        "97297",
        "An app knows its own acquisition links alone; `skip_verify` is true by default, also when "
        "a link is updated.",
        "应用只能看到自己创建的获客链接；`skip_verify` 默认为 true，编辑链接时也是。",
    )
    def test_a_link_lives(self, corp: Simulator, zhang: Member, ask: Asker) -> None:
        call = "customer_acquisition."
        made = ask.good(call + "create_link", link_name="春季", range={"user_list": ["zhangsan"]})
        id = {"link_id": made["link"]["link_id"]}
        ask.good(
            call + "update_link", **id, skip_verify=False, priority_option={"priority_type": 1}
        )
        shown = ask.good(call + "get_link", **id)
        assert (shown["link"]["skip_verify"], shown["priority_option"]) == (
            False,
            {"priority_type": 1},
        )
        assert shown["range"]["user_list"] == ["zhangsan"]
        ask.good(call + "update_link", **id, link_name="夏季")
        assert ask.good(call + "get_link", **id)["link"]["skip_verify"] is True, "true by default"
        assert ask.good(call + "list_links")["link_id_list"] == [id["link_id"]]
        other = Asker(corp, corp.add_app("other"))
        assert other.good(call + "list_links")["link_id_list"] == []
        assert other.code(call + "get_link", **id) == 40058
        ask.good(call + "delete_link", **id)
        assert ask.code(call + "get_link", **id) == 40058
        assert not corp.callbacks.events, "the API tells nobody"

    def test_the_range_of_a_link_has_known_members_and_a_limit(
        self, corp: Simulator, zhang: Member, ask: Asker
    ) -> None:
        corp.add_member("lisi")

        def code(**range_: Any) -> int:
            return ask.code("customer_acquisition.create_link", link_name="x", range=range_)

        assert code(user_list=[]) == 40058
        assert code(user_list=["nobody"]) == 60111
        assert code(department_list=[9]) == 60123
        corp.limits.acquisition_members = 1
        assert code(department_list=[1]) == 40058
        corp.limits.acquisition_links = 0
        assert code(user_list=["zhangsan"]) == 41095

    def test_each_step_of_a_customer_is_told(self, corp: Simulator, zhang: Member) -> None:
        corp.limits.acquisition_balance = 20
        link = corp.add_acquisition_link("春季", [zhang])
        assert corp.customer_clicks(link, adds=False) is None
        follow = added(corp, link, name="王五", state="s1")
        again = corp.customer_clicks(link, follow.customer, state="s1")
        assert again is follow, "a friend stays one, and asks for nothing"
        silent = added(corp, link)
        assert corp.customer_writes(zhang, silent.customer) is None
        assert told(corp) == [
            "ProfileOpened",
            "ProfileOpened", "FriendRequested", "CustomerAdded", "BalanceLow",
            "ProfileOpened",
            "ProfileOpened", "CustomerAdded",
            "ChatStarted",
        ]  # fmt: skip

    @rule(
        "97298",
        "A chat_key is good for half an hour.",
        "chat_key 有效期半小时。",
    )
    def test_a_chat_is_known_by_its_key_for_half_an_hour(
        self, corp: Simulator, zhang: Member, ask: Asker
    ) -> None:
        link = corp.add_acquisition_link("春季", [zhang])
        call = "customer_acquisition.get_chat_info"
        key = corp.customer_writes(zhang, added(corp, link, state="s1").customer, 3)
        said = ask.good(call, chat_key=key)["chat_info"]
        assert said == {"recv_msg_cnt": 3, "link_id": link.link_id, "state": "s1"}
        corp.clock.advance(minutes=31)
        assert ask.code(call, chat_key=key) == 40058
        stateless = corp.customer_writes(zhang, added(corp, link).customer, 3)
        assert "state" not in ask.good(call, chat_key=stateless)["chat_info"]

    def test_customers_of_a_link_are_listed_and_counted(
        self, corp: Simulator, zhang: Member, ask: Asker
    ) -> None:
        corp.limits.acquisition_balance = 20
        link = corp.add_acquisition_link("春季", [zhang])
        corp.customer_clicks(link, adds=False)
        for follow in (added(corp, link, state="s1"), added(corp, link)):
            corp.customer_writes(zhang, follow.customer)
        listed = ask.good("customer_acquisition.list_customers", link_id=link.link_id)
        assert [(each["chat_status"], each.get("state")) for each in listed["customer_list"]] == [
            (1, "s1"),
            (1, None),
        ]
        quota = ask.good("customer_acquisition.quota")
        assert (quota["total"], quota["balance"]) == (2, 18)
        now = corp.clock.seconds()
        said = ask.good(
            "customer_acquisition.statistic", link_id=link.link_id, start_time=now, end_time=now
        )
        assert (said["click_link_customer_cnt"], said["new_customer_cnt"]) == (3, 2)

    def test_a_link_loses_its_customers_and_ends(self, corp: Simulator, zhang: Member) -> None:
        link = corp.add_acquisition_link("春季", [zhang])
        corp.customer_deletes(added(corp, link).customer, zhang)
        corp.admin_deletes_link(link.link_id)
        assert told(corp)[-3:] == ["FollowerDeleted", "FollowerDeleted", "LinkDeleted"]

    def test_the_balance_ends(self, corp: Simulator, zhang: Member, ask: Asker) -> None:
        corp.limits.acquisition_balance = 1
        link = corp.add_acquisition_link("春季", [])
        link.parties = [1]
        corp.customer_clicks(link)
        assert isinstance(corp.callbacks.events[-1], events.AcquisitionBalanceExhausted)
        assert ask.good("customer_acquisition.quota")["quota_list"] == []
        corp.limits.acquisition_balance = 2
        corp.customer_clicks(link, corp_customer(corp))
        business = corp.customers[list(corp.customers)[-1]]
        assert corp.customer_writes(zhang, business, 3) is None, "only WeChat users are told of"

    def test_once_keys_are_for_links_the_provider_pays(
        self, corp: Simulator, zhang: Member, ask: Asker
    ) -> None:
        link = corp.add_acquisition_link("春季", [zhang])
        call = "customer_acquisition_component.create_once_key"
        assert ask.code(call, link_id=link.link_id) == 41099
        corp.manner.provider_pays = True
        keys = ask.good(call, link_id=link.link_id, key_num=3)["keys"]
        assert len(set(keys)) == 3
        assert len(ask.good(call, link_id=link.link_id)["keys"]) == 100


def corp_customer(corp: Simulator) -> str:
    return corp.add_customer("李总", corp_name="海川物流").external_userid


class TestMedia:
    """Uploads live three days."""

    def test_upload_and_get(self, corp: Simulator, ask: Asker) -> None:
        said = ask.good("media.upload", PNG, type="image")
        assert isinstance(said["created_at"], str)
        attachment = ask.good("media.upload_attachment", PNG, media_type="image", attachment_type=2)
        assert isinstance(attachment["created_at"], int)
        reply = ask.reply("media.get", media_id=said["media_id"])
        assert (reply.body, reply.content_type, reply.status) == (PNG, "image/png", 200)
        corp.clock.advance(days=3)
        assert ask.code("media.get", media_id=said["media_id"]) == 40007
        assert ask.code("media.get", media_id="none") == 40007

    def test_a_part_of_it(self, corp: Simulator, ask: Asker) -> None:
        media = corp.add_media(b"0123456789", "数字.txt", content_type="text/plain")
        query = {"access_token": ask.token, "media_id": media.media_id}
        for asked, got in (("bytes=2-4", b"234"), ("bytes=8-", b"89")):
            reply = send(corp, "GET", "/cgi-bin/media/get", query, headers={"range": asked})
            assert (reply.status, reply.body) == (206, got)
        assert reply.headers["Content-Range"] == "bytes 8-9/10"
        assert "数字.txt".encode().decode("latin-1") in reply.headers["Content-Disposition"]

    def test_over_the_wire(self, strict: Client) -> None:
        """As our own client sends it, Chinese file name and all."""
        made = strict.media.upload(
            type=MediaType.FILE,
            media=Upload(b"\r\n--content--\r\n", "报价单.pdf", "application/pdf"),
        )
        got = strict.media.get(media_id=made.media_id)
        assert (got.content, got.name) == (b"\r\n--content--\r\n", "报价单.pdf")
        assert got.content_type == "application/pdf"

    @pytest.mark.parametrize("name", ['a"b.pdf', "a\\b.pdf", '"', '\\"x\\'])
    def test_names_with_quotes(self, name: str, wecom_corp: Simulator, strict: Client) -> None:
        media = wecom_corp.add_media(b"123456", name)
        assert strict.media.get(media_id=media.media_id).name == name
        reply = file_reply(Media("m", "file", "a\r\nb", "x/y", b"", 0), Request("", "", "", {}))
        assert reply.headers["Content-Disposition"] == 'attachment; filename="a%0D%0Ab"'

    @rule(
        "90253",
        "Uploads that are too large, or no picture, are refused: 45001, 40009, 41080, 40123.",
        "素材过大或不是图片会被拒绝：45001、40009、41080、40123。",
    )
    def test_what_is_refused(self, corp: Simulator, ask: Asker) -> None:
        large = PNG + bytes(2 * 1024 * 1024)
        assert ask.code("media.upload", large, type="voice") == 45001
        assert ask.code("media.upload_image", large) == 40009
        assert ask.code("media.upload_image", b"GIF89a...") == 40123
        huge = PNG + bytes(10 * 1024 * 1024)
        call = "media.upload_attachment"
        assert ask.code(call, huge, media_type="image", attachment_type=1) == 41080
        assert ask.code(call, PNG, media_type="file", attachment_type=1) == 40005
        corp.limits.images_a_day = 1
        assert [ask.code("media.upload_image", PNG) for _ in range(2)] == [0, 45009]

    def test_an_upload_by_url_ends_in_media_and_an_event(self, corp: Simulator, ask: Asker) -> None:
        words = {"scene": 1, "filename": "a.mp4", "url": "https://example.com/a", "md5": "0" * 32}
        for kind in ("video", "file"):
            jobid = ask.good("media.upload_by_url", **words, type=kind)["jobid"]
            statuses = [ask.good("media.get_upload_by_url_result", jobid=jobid) for _ in range(4)]
            assert [each["status"] for each in statuses] == [1, 1, 2, 2]
            assert corp.media[statuses[2]["detail"]["media_id"]].use == 3
            event = corp.callbacks.events[-1]
            assert isinstance(event, events.MediaUploadFinished)
            assert event.job_id == jobid
        corp.clock.advance(minutes=2)
        assert len(corp.callbacks.events) == 2, "a job ends once"
        assert ask.code("moment.get_task_result", jobid=jobid) == 40088


@rule(
    "95096",
    "A product is changed by the app that made it alone (41075); its code has letters and digits "
    "(41085).",
    "商品图册只能由创建它的应用修改（41075）；商品编码只能是数字和字母（41085）。",
)
def test_a_product_lives_and_bad_ones_are_refused(corp: Simulator, ask: Asker) -> None:
    media_id = ask.good("media.upload_attachment", PNG, media_type="image", attachment_type=2)[
        "media_id"
    ]
    attachments = [{"type": "image", "image": {"media_id": media_id}}]
    new: dict[str, Any] = {"description": "好东西", "price": 100, "attachments": attachments}
    id = {"product_id": ask.good("product_album.add", **new)["product_id"]}
    assert "product_sn" not in ask.good("product_album.get", **id)["product"]
    ask.good("product_album.update", **id, product_sn="A1", price=200)
    shown = ask.good("product_album.list")["product_list"]
    assert shown == [
        {
            **id,
            "description": "好东西",
            "price": 200,
            "product_sn": "A1",
            "attachments": attachments,
        }
    ]
    assert ask.code("product_album.add", **{**new, "product_sn": "不行"}) == 41085
    assert ask.code("product_album.add", **{**new, "description": " "}) == 41087
    wrong = [{"type": "image", "image": {"media_id": corp.add_media(PNG).media_id}}]
    assert ask.code("product_album.add", **{**new, "attachments": wrong}) == 40007
    other = Asker(corp, corp.add_app("other"))
    other.good("product_album.get", **id)
    assert other.code("product_album.update", **id, price=1) == 41075
    ask.good("product_album.delete", **id)
    assert ask.code("product_album.delete", **id) == 41074
    assert ask.code("product_album.get", product_id="none") == 41075
    assert ask.good("product_album.list")["product_list"] == []


@rule(
    "95097",
    "Names of intercept rules are unique (41077); an empty list of words changes nothing, one of "
    "semantics clears.",
    "敏感词规则名称不可重复（41077）；敏感词列表传空不变，语义列表传空则清除。",
)
def test_an_intercept_rule_lives_and_bad_ones_are_refused(
    corp: Simulator, zhang: Member, ask: Asker
) -> None:
    corp.add_member("lisi")
    new: dict[str, Any] = {
        "rule_name": "红包",
        "word_list": ["红包"],
        "semantics_list": [1],
        "intercept_type": 1,
        "applicable_range": {"user_list": ["zhangsan"]},
    }
    id = {"rule_id": ask.good("intercept_rule.add", **new)["rule_id"]}
    assert ask.code("intercept_rule.add", **new) == 41077
    second = {**new, "rule_name": "别的"}
    assert ask.code("intercept_rule.add", **{**second, "word_list": [""]}) == 41083
    assert (
        ask.code("intercept_rule.add", **{**second, "applicable_range": {"user_list": []}}) == 40058
    )
    assert (
        ask.code("intercept_rule.add", **{**second, "applicable_range": {"user_list": ["x"]}})
        == 60111
    )
    ask.good(
        "intercept_rule.update",
        **id,
        rule_name="红包",
        word_list=[],
        extra_rule={"semantics_list": []},
        add_applicable_range={"user_list": ["lisi"], "department_list": [1]},
        remove_applicable_range={"user_list": ["zhangsan"]},
    )
    rule = ask.good("intercept_rule.get", **id)["rule"]
    assert (rule["word_list"], rule["extra_rule"]) == (["红包"], {"semantics_list": []})
    assert rule["applicable_range"] == {"user_list": ["lisi"], "department_list": [1]}
    ask.good("intercept_rule.update", **id, intercept_type=2)
    assert ask.code("intercept_rule.update", **id, word_list=[""]) == 41083
    corp.intercept_rules[id["rule_id"]].users = [f"u{n}" for n in range(10_001)]
    assert ask.code("intercept_rule.update", **id, intercept_type=2) == 41076
    other = Asker(corp, corp.add_app("other"))
    assert other.code("intercept_rule.delete", **id) == 41070
    corp.limits.intercept_rules = 1
    assert ask.code("intercept_rule.add", **second) == 41069
    ask.good("intercept_rule.delete", **id)
    assert ask.code("intercept_rule.delete", **id) == 41071
    corp.add_intercept_rule("提醒", ["返现"], users=[zhang], warn=True)
    assert [each["rule_name"] for each in ask.good("intercept_rule.list")["rule_list"]] == ["提醒"]


@rule(
    "95096",
    "A product has one to nine pictures: without any it is refused (41088), with ten as well "
    "(41064).",
    "商品图册须有 1～9 张图片：没有报 41088，超过报 41064。",
    does=(
        "41088 also where an update gives an empty list",
        "编辑时传空列表同样报 41088",
    ),
)
def test_a_product_has_one_to_nine_pictures(corp: Simulator, ask: Asker) -> None:
    picture = {"type": "image", "image": {"media_id": corp.add_media(PNG, use=2).media_id}}
    new: dict[str, Any] = {"description": "好东西", "price": 1}
    for attachments, code in (
        ([], 41088),
        ([picture], 0),
        ([picture] * 9, 0),
        ([picture] * 10, 41064),
        ([{"type": "video", "video": {"media_id": "x"}}], 41065),
    ):
        assert ask.code("product_album.add", **new, attachments=attachments) == code
    assert ask.code("product_album.add", **new) == 41088
    id = {"product_id": next(iter(corp.products))}
    assert ask.code("product_album.update", **id, attachments=[]) == 41088
    assert ask.code("product_album.update", **id, attachments=[picture] * 10) == 41064
    ask.good("product_album.update", **id, price=2)
    assert ask.good("product_album.get", **id)["product"]["attachments"] == [picture]


@rule(
    "95097",
    "A new intercept rule has at least one word.",
    "新建敏感词规则时敏感词列表不能为空。",
    does=(
        "40058 if there is no list, 40063 if it is empty, even with semantics; the pages name no code",
        "没有列表报 40058，列表为空报 40063，有语义规则也不例外；页面未写明错误码",
    ),
)
def test_a_new_intercept_rule_has_words(corp: Simulator, zhang: Member, ask: Asker) -> None:
    new: dict[str, Any] = {
        "rule_name": "红包",
        "semantics_list": [3],
        "intercept_type": 1,
        "applicable_range": {"user_list": ["zhangsan"]},
    }
    assert ask.code("intercept_rule.add", **new) == 40058
    assert ask.code("intercept_rule.add", **new, word_list=[]) == 40063
    assert ask.code("intercept_rule.add", **new, word_list=["红"] * 300) == 0
    new["rule_name"] = "别的"
    twice = {"user_list": ["zhangsan", "zhangsan"], "department_list": [1, 1]}
    id = ask.good("intercept_rule.add", **{**new, "applicable_range": twice}, word_list=["红"])
    shown = ask.good("intercept_rule.get", rule_id=id["rule_id"])["rule"]["applicable_range"]
    assert shown == {"user_list": ["zhangsan"], "department_list": [1]}
    new["rule_name"] = "又一个"
    assert ask.code("intercept_rule.add", **new, word_list=["红"] * 301) == 41068
    assert ask.code("intercept_rule.add", **new, word_list=["红" * 33]) == 41083
    assert ask.code("intercept_rule.add", **new, word_list=["红" * 32]) == 0


class TestIds:
    """All ids of a person agree, wherever they are asked for."""

    @pytest.fixture
    def both(self, corp: Simulator, zhang: Member) -> dict[str, str]:
        wang = corp.add_customer("王五", follow=zhang)
        return {"unionid": str(corp.unionid(wang)), "openid": "oDOGms" + wang.external_userid[10:]}

    def test_there_and_back(self, corp: Simulator, both: dict[str, str], ask: Asker) -> None:
        own = next(iter(corp.customers))
        theirs = ask.good("id_convert.unionid_to_external_userid", **both)["external_userid"]
        assert theirs != own
        back = {"external_userid": theirs, "source_agentid": corp.app.agent_id}
        assert ask.good("id_convert.from_service_external_userid", **back)["external_userid"] == own
        assert (
            ask.code("id_convert.from_service_external_userid", **{**back, "source_agentid": 1})
            == 40056
        )
        assert (
            ask.good("id_convert.to_service_external_userid", external_userid=own)[
                "external_userid"
            ]
            == theirs
        )
        said = ask.good("id_convert.get_new_external_userid", external_userid_list=[own, theirs])
        assert {each["new_external_userid"] for each in said["items"]} == {theirs}
        said = ask.good("id_convert.convert_to_openid", external_userid=own)
        assert said["openid"] == both["openid"]
        assert (
            ask.code("id_convert.convert_to_openid", external_userid=corp_customer(corp)) == 40096
        )
        assert ask.code("id_convert.convert_to_openid", external_userid="wmno") == 40096

    def test_a_unionid_leads_to_its_customer(
        self, corp: Simulator, both: dict[str, str], ask: Asker
    ) -> None:
        call = "id_convert.unionid_to_external_userid"
        assert ask.code(call, **{**both, "openid": "x"}) == 40073
        assert ask.code(call, **{**both, "openid": "oother"}) == 40073
        assert ask.code(call, unionid="xno", openid="o1") == 845003
        assert ask.code(call, unionid="ono", openid="o1") == 40096
        own = corp.add_customer(
            "有", follow="zhangsan", unionid="omine", external_userid="wmcustom"
        )
        odd = corp.add_customer("怪", follow="zhangsan", external_userid="wmodd")
        assert corp.customer_by_unionid("omine") is own
        assert corp.customer_by_unionid(str(corp.unionid(odd))) is odd
        many = ask.good("id_convert.corpgroup_unionid_to_external_userid", **both)
        assert len(many["external_userid_info"]) == 1
        none = ask.good("id_convert.unionid_to_external_userid_3rd", **both, corpid="ww2")
        assert none["external_userid_info"] == []

    def test_a_pending_id_stands_for_a_customer_of_the_group(
        self, corp: Simulator, both: dict[str, str], ask: Asker
    ) -> None:
        own = next(iter(corp.customers))
        call = "id_convert.batch_external_userid_to_pending_id"
        chat = corp.add_group_chat("群", "zhangsan", [own])
        empty = corp.add_group_chat("空", "zhangsan")
        assert ask.good(call, external_userid=[own, "wmno"])["result"] == []
        pending = ask.good("id_convert.unionid_to_pending_id", **both)["pending_id"]
        found = ask.good(call, external_userid=[own], chat_id=chat.chat_id)["result"]
        assert found == [{"external_userid": own, "pending_id": pending}]
        assert ask.good(call, external_userid=[own], chat_id=empty.chat_id)["result"] == []
        assert ask.code(call, external_userid=[own], chat_id="wrno") == 40050
        idconvert = "id_convert.idconvert_unionid_to_external_userid"
        assert "external_userid" in ask.good(idconvert, **both)
        assert "pending_id" in ask.good(idconvert, unionid="ostranger", openid="o1")
        corp.clock.advance(days=90)
        assert ask.good(call, external_userid=[own])["result"] == []

    def test_groups_and_tags(self, corp: Simulator, both: dict[str, str], ask: Asker) -> None:
        own = next(iter(corp.customers))
        chat = corp.add_group_chat("群", "zhangsan", [own])
        call = "id_convert.groupchat_get_new_external_userid"
        said = ask.good(call, chat_id=chat.chat_id, external_userid_list=[own, "wmno"])
        assert len(said["items"]) == 1
        assert ask.code(call, chat_id="wrno", external_userid_list=[own]) == 40050
        tag = corp.add_tag("t", "g")
        said = ask.good("id_convert.external_tagid", external_tagid_list=[tag.id])
        again = [said["items"][0]["open_external_tagid"]]
        assert ask.good("id_convert.external_tagid", external_tagid_list=again)["items"][0] == {
            "external_tagid": again[0],
            "open_external_tagid": again[0],
        }

    def test_a_temporary_id_leads_to_its_customer(
        self, corp: Simulator, both: dict[str, str], ask: Asker
    ) -> None:
        own = next(iter(corp.customers))
        words = {"business_type": 1, "tmp_external_userid_list": ["tm" + own[2:]]}
        call = "id_convert.convert_tmp_external_userid"
        assert ask.good(call, **words, user_type=1)["results"][0]["external_userid"] == own
        assert ask.code(call, **words, user_type=2) == 710006

    def test_chat_ids_are_converted_after_the_upgrade_was_asked_for(
        self, corp: Simulator, zhang: Member, ask: Asker
    ) -> None:
        chat = corp.add_group_chat("群", zhang)
        ids = {"chat_id_list": [chat.chat_id, "wrno"]}
        apply = "id_convert.apply_to_upgrade_chatid"
        assert ask.code("id_convert.chatid", **ids) == 40166
        assert ask.code(apply, upgrade_time=1) == 40167
        later = corp.clock.seconds() + 3600
        ask.good(apply, upgrade_time=later)
        ask.good(apply, upgrade_time=later)
        said = ask.good("id_convert.chatid", **ids)
        assert said["invalid_chat_id_list"] == ["wrno"]
        new = [said["items"][0]["new_chat_id"]]
        again = ask.good("id_convert.chatid", chat_id_list=new)["items"]
        assert again == [{"chat_id": new[0], "new_chat_id": new[0]}]
        corp.clock.advance(hours=1)
        assert ask.code("id_convert.chatid", **ids) == 40165
        assert ask.code(apply, upgrade_time=later + 9999) == 40165


def test_json_is_raw_utf8(corp: Simulator, zhang: Member, ask: Asker) -> None:
    zhang.name = "张三"
    chat = corp.add_group_chat("群", zhang)
    body = ask.reply("group_chat.get", chat_id=chat.chat_id, need_name=1).body
    assert "张三".encode() in body
    assert json.loads(body)["errmsg"] == "ok"
