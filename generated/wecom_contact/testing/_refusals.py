"""How WeCom says no: a code, a few English words, a hint, the caller's address and a link.

Hand-written: edit codegen/surfaces/testing/_refusals.py.
"""

from collections.abc import Mapping, Sequence

WORDS: Mapping[int, str] = {
    -1: "system busy",
    6000: "data version conflict",
    40001: "invalid credential",
    40003: "invalid userid",
    40005: "invalid type",
    40006: "invalid file size",
    40007: "invalid media_id",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40031: "invalid userid list",
    40032: "userid list size exceeds limit",
    40033: "invalid request character",
    40050: "chatid not exist",
    40056: "invalid agentid",
    40058: "invalid Request Parameter",
    40063: "some parameters are empty",
    40066: "invalid url",
    40068: "invalid tagid",
    40071: "tag name already exist",
    40072: "invalid tag name length",
    40073: "invalid openid",
    40080: "invalid suite_secret",
    40082: "invalid suite_access_token",
    40083: "invalid suite_id",
    40084: "invalid permanent code",
    40085: "invalid suite ticket",
    40088: "jobid not exist",
    40096: "invalid external userid",
    40097: "user is not resigned",
    40098: "user is not real-name verified",
    40123: "invalid image",
    40126: "corp tag count exceed limit",
    40130: "handover and takeover are the same",
    40165: "chatid has been upgraded",
    40166: "chatid has not been upgraded",
    40167: "invalid upgrade time",
    40205: "user wechat ticket expired",
    41001: "access_token missing",
    41002: "corpid missing",
    41004: "secret missing",
    41006: "media_id missing",
    41009: "userid missing",
    41021: "suite_id missing",
    41022: "suite_access_token missing",
    41023: "suite_ticket missing",
    41024: "suite_secret missing",
    41025: "permanent_code missing",
    41035: "external_userid missing",
    41037: "missing contact way type",
    41038: "missing contact way scene",
    41039: "invalid contact way type",
    41040: "invalid contact way scene",
    41041: "contact way user count exceed limit",
    41042: "invalid contact way style",
    41043: "missing config_id",
    41044: "invalid config_id",
    41045: "api contact way count exceed limit",
    41046: "missing msgid",
    41047: "invalid msgid",
    41048: "no customer to send",
    41049: "missing welcome code",
    41050: "invalid welcome code",
    41051: "external user has started chatting",
    41054: "user not activated",
    41055: "group welcome template count exceed limit",
    41053: "customer has not approved chat archiving",
    41057: "no wechat developer account bound",
    41058: "no permission to edit group welcome template",
    41059: "missing moment_id",
    41060: "invalid moment_id",
    41061: "moment not published by user",
    41062: "moment not published by user yet",
    41063: "groupmsg is dispatching, please retry later",
    41064: "too many attachments",
    41065: "invalid attachment msgtype",
    41067: "invalid moment type",
    41068: "too many intercept words",
    41069: "too many intercept rules",
    41070: "invalid intercept rule id",
    41071: "intercept rule has been deleted",
    41072: "attachment used in wrong scene",
    41073: "invalid product description",
    41074: "product has been deleted",
    41075: "invalid product id",
    41076: "intercept rule range exceed limit",
    41077: "intercept rule name not unique",
    41078: "too many running moment tasks",
    41080: "attachment too large",
    41083: "invalid intercept word",
    41084: "invalid intercept semantics",
    41085: "invalid product sn",
    41086: "invalid product price",
    41087: "invalid product description",
    41088: "attachments empty",
    41089: "moment text and attachments empty",
    41091: "too many chats in join way",
    41093: "groupmsg has been cancelled",
    41094: "remind groupmsg send exceed limit",
    41095: "acquisition link count exceed limit",
    41096: "welcome msg is sending",
    41099: "not provider pay mode",
    42001: "access_token expired",
    42009: "suite_access_token expired",
    44001: "empty media data",
    45001: "media file is too large",
    45002: "message content size out of limit",
    45009: "api freq out of limit",
    45033: "api concurrent out of limit",
    45035: "concurrent conflict",
    48002: "api forbidden",
    50100: "invalid cursor",
    60011: "no privilege to access/modify contact/party/agent",
    60020: "not allow to access from your ip",
    60030: "out of app visible range",
    60111: "userid not found",
    60123: "invalid party id",
    81011: "no privilege to operate tag",
    81013: "user & party & tag all invalid",
    81017: "request item count exceeds limit",
    84061: "not external contact",
    84074: "no external contact permission",
    86214: "invalid groupmsg chat type",
    90500: "owner is not resigned",
    90501: "chat is not external group chat",
    90502: "owner has resigned",
    90503: "chat is full",
    90504: "owner not changed",
    90507: "chat is being transferred",
    90508: "chat has been transferred",
    90510: "no active user within one year",
    90511: "opengid not exist or invalid",
    701008: "no user has a valid license",
    710006: "invalid tmp_external_userid",
    845003: "unionid and corp subject not match",
}
"""What WeCom writes into errmsg; where its words are not known, words after the official term."""


class Refusal(Exception):
    """A call is refused with an errcode."""

    def __init__(self, code: int, more: str = "") -> None:
        super().__init__(code, more)
        self.code = code
        self.more = more
        self.lists: Sequence[str] = ()
        """The lists of the reply, which come empty with a refusal of what was asked."""

    @property
    def words(self) -> str:
        """The beginning of the errmsg."""
        words = WORDS.get(self.code, "request refused")
        return f"{words}, {self.more}" if self.more else words


def errmsg(code: int, words: str, hint: str, address: str) -> str:
    """The whole errmsg; support asks for the hint."""
    link = f"https://open.work.weixin.qq.com/devtool/query?e={code}"
    return f"{words}, hint: [{hint}], from ip: {address}, more info at {link}"
