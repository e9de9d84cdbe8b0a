"""管理聊天敏感词: Rules that stop or flag sensitive words in chats with customers.

Generated from spec/intercept_rule.yaml by `make gen`. Do not edit.
"""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from attrs import define, field

from ._runtime.model import Call, Endpoint, Model, OpenInt, SequenceNotStr, wire
from .types import DepartmentId, UserId

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver
    from ._runtime.sync_driver import SyncDriver

InterceptWord: TypeAlias = str
"""A sensitive word of a rule, 1 to 32 characters."""


class InterceptSemantics(OpenInt):
    """Content that a rule recognises without a word."""

    MOBILE = 1
    """Mobile numbers."""
    EMAIL = 2
    """Mail addresses."""
    RED_PACKET = 3
    """Red packets."""


class InterceptType(OpenInt):
    """What happens to a message that a rule catches."""

    BLOCK = 1
    """The member is warned, and the message is not sent."""
    WARN = 2
    """The member is warned, and the message is sent."""


@define(kw_only=True, eq=False, repr=False)
class InterceptRange(Model):
    """Members and departments under a rule."""

    __any_of__: ClassVar = (("user_list", "department_list"),)

    user_list: list[UserId] | None = field(default=None, metadata=wire(max_items=1000))
    """Members; the app must see them. At most 1,000 items."""
    department_list: list[DepartmentId] | None = field(default=None, metadata=wire(max_items=1000))
    """Departments; the app must see them. At most 1,000 items."""


@define(kw_only=True, eq=False, repr=False)
class InterceptExtraRule(Model):
    """What a rule catches besides its words."""

    semantics_list: list[InterceptSemantics] | None = None
    """Kinds of content; in `update` an empty list removes them all."""


@define(kw_only=True, eq=False, repr=False)
class InterceptRuleSummary(Model):
    """A rule as it is listed."""

    rule_id: str
    """The rule."""
    rule_name: str
    """Its name."""
    create_time: datetime
    """When it was made."""


@define(kw_only=True, eq=False, repr=False)
class InterceptRuleDetail(Model):
    """A rule with all it says."""

    rule_id: str = field(metadata=wire(also=int))
    """The rule; WeCom's own sample shows a number here."""
    rule_name: str
    """Its name."""
    word_list: list[InterceptWord] = field(metadata=wire(max_chars=32, min_chars=1))
    """The words. 1 to 32 characters."""
    extra_rule: InterceptExtraRule | None = None
    """Further content to catch."""
    intercept_type: InterceptType
    """What happens to the message."""
    applicable_range: InterceptRange
    """Whose messages are checked, as far as the app may see them."""
    create_time: datetime | None = None
    """When it was made; in the table but not in the sample."""


@define(kw_only=True, eq=False, repr=False)
class InterceptRuleAddResult(Model):
    """What `intercept_rule.add` returns."""

    rule_id: str
    """The new rule."""


@define(kw_only=True, eq=False, repr=False)
class InterceptRuleAdd(Call[InterceptRuleAddResult]):
    """Add a rule."""

    endpoint: ClassVar[Endpoint[InterceptRuleAddResult]] = Endpoint(
        name="intercept_rule.add",
        method="POST",
        path="/cgi-bin/externalcontact/add_intercept_rule",
        title="新建敏感词规则",
        page=95097,
        readonly=False,
        result=InterceptRuleAddResult,
        errors=(41068, 41069, 41076, 41077, 41083, 41084),
    )
    rule_name: str = field(metadata=wire(max_chars=20, min_chars=1))
    word_list: SequenceNotStr[InterceptWord] = field(
        metadata=wire(max_items=300, max_chars=32, min_chars=1)
    )
    semantics_list: SequenceNotStr[InterceptSemantics] | None = None
    intercept_type: InterceptType
    applicable_range: InterceptRange


@define(kw_only=True, eq=False, repr=False)
class InterceptRuleListResult(Model):
    """What `intercept_rule.list` returns."""

    rule_list: list[InterceptRuleSummary]
    """The rules."""


@define(kw_only=True, eq=False, repr=False)
class InterceptRuleList(Call[InterceptRuleListResult]):
    """List all rules of the company."""

    endpoint: ClassVar[Endpoint[InterceptRuleListResult]] = Endpoint(
        name="intercept_rule.list",
        method="GET",
        path="/cgi-bin/externalcontact/get_intercept_rule_list",
        title="获取敏感词规则列表",
        page=95097,
        readonly=True,
        result=InterceptRuleListResult,
    )


@define(kw_only=True, eq=False, repr=False)
class InterceptRuleGetResult(Model):
    """What `intercept_rule.get` returns."""

    rule: InterceptRuleDetail
    """The rule."""


@define(kw_only=True, eq=False, repr=False)
class InterceptRuleGet(Call[InterceptRuleGetResult]):
    """Read one rule."""

    endpoint: ClassVar[Endpoint[InterceptRuleGetResult]] = Endpoint(
        name="intercept_rule.get",
        method="POST",
        path="/cgi-bin/externalcontact/get_intercept_rule",
        title="获取敏感词规则详情",
        page=95097,
        readonly=True,
        result=InterceptRuleGetResult,
        errors=(41070, 41071),
    )
    rule_id: str


@define(kw_only=True, eq=False, repr=False)
class InterceptRuleUpdate(Call[None]):
    """Change a rule."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="intercept_rule.update",
        method="POST",
        path="/cgi-bin/externalcontact/update_intercept_rule",
        title="修改敏感词规则",
        page=95097,
        readonly=False,
        result=None,
        errors=(41068, 41070, 41071, 41076, 41077, 41083, 41084),
    )
    rule_id: str
    rule_name: str | None = field(default=None, metadata=wire(max_chars=20, min_chars=1))
    word_list: SequenceNotStr[InterceptWord] | None = field(
        default=None, metadata=wire(max_items=300, max_chars=32, min_chars=1)
    )
    extra_rule: InterceptExtraRule | None = None
    intercept_type: InterceptType | None = None
    add_applicable_range: InterceptRange | None = None
    remove_applicable_range: InterceptRange | None = None


@define(kw_only=True, eq=False, repr=False)
class InterceptRuleDelete(Call[None]):
    """Delete a rule."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="intercept_rule.delete",
        method="POST",
        path="/cgi-bin/externalcontact/del_intercept_rule",
        title="删除敏感词规则",
        page=95097,
        readonly=False,
        result=None,
        errors=(41070, 41071),
    )
    rule_id: str


class InterceptRuleCalls:
    """管理聊天敏感词: the calls of `Client.intercept_rule`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def add(
        self,
        *,
        rule_name: str,
        word_list: SequenceNotStr[InterceptWord],
        intercept_type: InterceptType,
        applicable_range: InterceptRange,
        semantics_list: SequenceNotStr[InterceptSemantics] | None = None,
    ) -> InterceptRuleAddResult:
        """Add a rule.

        新建敏感词规则: https://developer.work.weixin.qq.com/document/path/95097

        - A company has at most 100 rules, and their names are unique.
        - Here `semantics_list` stands at the top; in `get` and `update` it is inside `extra_rule`.

        Args:
            rule_name: Name, unique in the company. 1 to 20 characters.
            word_list: The words. At most 300 items. 1 to 32 characters.
            intercept_type: What happens to the message.
            applicable_range: Whose messages are checked.
            semantics_list: Further content to catch.

        Raises:
            Conflict: 41077.
            InvalidArgument: 41083, 41084.
            QuotaExceeded: 41068, 41069, 41076.
        """
        return self._client.send(
            InterceptRuleAdd(
                rule_name=rule_name,
                word_list=word_list,
                intercept_type=intercept_type,
                applicable_range=applicable_range,
                semantics_list=semantics_list,
            )
        )

    def list(self) -> InterceptRuleListResult:
        """List all rules of the company.

        获取敏感词规则列表: https://developer.work.weixin.qq.com/document/path/95097

        - A GET without paging.
        """
        return self._client.send(InterceptRuleList())

    def get(self, *, rule_id: str) -> InterceptRuleGetResult:
        """Read one rule.

        获取敏感词规则详情: https://developer.work.weixin.qq.com/document/path/95097

        - The range shows only the members and departments that the app may see.

        Args:
            rule_id: The rule.

        Raises:
            NotFound: 41070, 41071.
        """
        return self._client.send(InterceptRuleGet(rule_id=rule_id))

    def update(
        self,
        *,
        rule_id: str,
        rule_name: str | None = None,
        word_list: SequenceNotStr[InterceptWord] | None = None,
        extra_rule: InterceptExtraRule | None = None,
        intercept_type: InterceptType | None = None,
        add_applicable_range: InterceptRange | None = None,
        remove_applicable_range: InterceptRange | None = None,
    ) -> None:
        """Change a rule.

        修改敏感词规则: https://developer.work.weixin.qq.com/document/path/95097

        - What is not given stays as it is.
        - An empty `word_list` is ignored, but an empty `extra_rule.semantics_list` removes all
          semantics.
        - The range changes by what is added and removed; it cannot be set as a whole.
        - A rule holds at most 10,000 userids; name departments for more.
        - An app may change only its own rules.

        Args:
            rule_id: The rule.
            rule_name: New name, unique in the company. 1 to 20 characters.
            word_list: The words, in place of the old ones; ignored when empty. At most 300 items. 1
                to 32 characters.
            extra_rule: Further content to catch, in place of the old.
            intercept_type: What happens to the message.
            add_applicable_range: Who comes under the rule.
            remove_applicable_range: Who leaves it.

        Raises:
            Conflict: 41077.
            InvalidArgument: 41083, 41084.
            NotFound: 41070, 41071.
            QuotaExceeded: 41068, 41076.
        """
        return self._client.send(
            InterceptRuleUpdate(
                rule_id=rule_id,
                rule_name=rule_name,
                word_list=word_list,
                extra_rule=extra_rule,
                intercept_type=intercept_type,
                add_applicable_range=add_applicable_range,
                remove_applicable_range=remove_applicable_range,
            )
        )

    def delete(self, *, rule_id: str) -> None:
        """Delete a rule.

        删除敏感词规则: https://developer.work.weixin.qq.com/document/path/95097

        - An app may delete only its own rules.

        Args:
            rule_id: The rule.

        Raises:
            NotFound: 41070, 41071.
        """
        return self._client.send(InterceptRuleDelete(rule_id=rule_id))


class AsyncInterceptRuleCalls:
    """管理聊天敏感词: the calls of `AsyncClient.intercept_rule`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    async def add(
        self,
        *,
        rule_name: str,
        word_list: SequenceNotStr[InterceptWord],
        intercept_type: InterceptType,
        applicable_range: InterceptRange,
        semantics_list: SequenceNotStr[InterceptSemantics] | None = None,
    ) -> InterceptRuleAddResult:
        """Add a rule.

        新建敏感词规则: https://developer.work.weixin.qq.com/document/path/95097

        - A company has at most 100 rules, and their names are unique.
        - Here `semantics_list` stands at the top; in `get` and `update` it is inside `extra_rule`.

        Args:
            rule_name: Name, unique in the company. 1 to 20 characters.
            word_list: The words. At most 300 items. 1 to 32 characters.
            intercept_type: What happens to the message.
            applicable_range: Whose messages are checked.
            semantics_list: Further content to catch.

        Raises:
            Conflict: 41077.
            InvalidArgument: 41083, 41084.
            QuotaExceeded: 41068, 41069, 41076.
        """
        return await self._client.send(
            InterceptRuleAdd(
                rule_name=rule_name,
                word_list=word_list,
                intercept_type=intercept_type,
                applicable_range=applicable_range,
                semantics_list=semantics_list,
            )
        )

    async def list(self) -> InterceptRuleListResult:
        """List all rules of the company.

        获取敏感词规则列表: https://developer.work.weixin.qq.com/document/path/95097

        - A GET without paging.
        """
        return await self._client.send(InterceptRuleList())

    async def get(self, *, rule_id: str) -> InterceptRuleGetResult:
        """Read one rule.

        获取敏感词规则详情: https://developer.work.weixin.qq.com/document/path/95097

        - The range shows only the members and departments that the app may see.

        Args:
            rule_id: The rule.

        Raises:
            NotFound: 41070, 41071.
        """
        return await self._client.send(InterceptRuleGet(rule_id=rule_id))

    async def update(
        self,
        *,
        rule_id: str,
        rule_name: str | None = None,
        word_list: SequenceNotStr[InterceptWord] | None = None,
        extra_rule: InterceptExtraRule | None = None,
        intercept_type: InterceptType | None = None,
        add_applicable_range: InterceptRange | None = None,
        remove_applicable_range: InterceptRange | None = None,
    ) -> None:
        """Change a rule.

        修改敏感词规则: https://developer.work.weixin.qq.com/document/path/95097

        - What is not given stays as it is.
        - An empty `word_list` is ignored, but an empty `extra_rule.semantics_list` removes all
          semantics.
        - The range changes by what is added and removed; it cannot be set as a whole.
        - A rule holds at most 10,000 userids; name departments for more.
        - An app may change only its own rules.

        Args:
            rule_id: The rule.
            rule_name: New name, unique in the company. 1 to 20 characters.
            word_list: The words, in place of the old ones; ignored when empty. At most 300 items. 1
                to 32 characters.
            extra_rule: Further content to catch, in place of the old.
            intercept_type: What happens to the message.
            add_applicable_range: Who comes under the rule.
            remove_applicable_range: Who leaves it.

        Raises:
            Conflict: 41077.
            InvalidArgument: 41083, 41084.
            NotFound: 41070, 41071.
            QuotaExceeded: 41068, 41076.
        """
        return await self._client.send(
            InterceptRuleUpdate(
                rule_id=rule_id,
                rule_name=rule_name,
                word_list=word_list,
                extra_rule=extra_rule,
                intercept_type=intercept_type,
                add_applicable_range=add_applicable_range,
                remove_applicable_range=remove_applicable_range,
            )
        )

    async def delete(self, *, rule_id: str) -> None:
        """Delete a rule.

        删除敏感词规则: https://developer.work.weixin.qq.com/document/path/95097

        - An app may delete only its own rules.

        Args:
            rule_id: The rule.

        Raises:
            NotFound: 41070, 41071.
        """
        return await self._client.send(InterceptRuleDelete(rule_id=rule_id))
