"""编辑客户企业标签: The tags on a customer of one member.

Generated from spec/customer_tag.yaml by `make gen`. Do not edit.
"""

from typing import TYPE_CHECKING, ClassVar

from attrs import define

from ._runtime.model import Call, Endpoint, SequenceNotStr
from .types import ExternalUserId, TagId, UserId

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver
    from ._runtime.sync_driver import SyncDriver


@define(kw_only=True, eq=False, repr=False)
class CustomerTagMark(Call[None]):
    """Put tags on a customer of one member, or take them off."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="customer_tag.mark",
        method="POST",
        path="/cgi-bin/externalcontact/mark_tag",
        title="编辑客户企业标签",
        page=92118,
        readonly=False,
        result=None,
        errors=(40003, 40068, 40096, 45033, 45035, 84061),
    )
    __any_of__: ClassVar = (("add_tag", "remove_tag"),)
    userid: UserId
    external_userid: ExternalUserId
    add_tag: SequenceNotStr[TagId] | None = None
    remove_tag: SequenceNotStr[TagId] | None = None


class CustomerTagCalls:
    """编辑客户企业标签: the calls of `Client.customer_tag`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def mark(
        self,
        *,
        userid: UserId,
        external_userid: ExternalUserId,
        add_tag: SequenceNotStr[TagId] | None = None,
        remove_tag: SequenceNotStr[TagId] | None = None,
    ) -> None:
        """Put tags on a customer of one member, or take them off.

        编辑客户企业标签: https://developer.work.weixin.qq.com/document/path/92118

        - The customer must be a customer of the member (84061), and the member in the visible range
          of the app.
        - One unknown tag refuses the whole call (40068); the message names the tag.
        - A customer may carry several tags of one group, and at most 3,000 tags of one member.
        - Tags of a strategy need a strategy that the same app created, with the member in its
          range.
        - Tags put on or taken off by this call send no event.
        - Calls that tag one customer of one member at the same time get in each other's way
          (45035); a company may run about five calls at once for all its customers (45033).

        Args:
            userid: The member who follows the customer.
            external_userid: The customer.
            add_tag: Tags to put on.
            remove_tag: Tags to take off.

        Raises:
            Busy: 45033, 45035.
            InvalidArgument: 40003.
            NotFound: 40068, 40096, 84061.
        """
        return self._client.send(
            CustomerTagMark(
                userid=userid,
                external_userid=external_userid,
                add_tag=add_tag,
                remove_tag=remove_tag,
            )
        )


class AsyncCustomerTagCalls:
    """编辑客户企业标签: the calls of `AsyncClient.customer_tag`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    async def mark(
        self,
        *,
        userid: UserId,
        external_userid: ExternalUserId,
        add_tag: SequenceNotStr[TagId] | None = None,
        remove_tag: SequenceNotStr[TagId] | None = None,
    ) -> None:
        """Put tags on a customer of one member, or take them off.

        编辑客户企业标签: https://developer.work.weixin.qq.com/document/path/92118

        - The customer must be a customer of the member (84061), and the member in the visible range
          of the app.
        - One unknown tag refuses the whole call (40068); the message names the tag.
        - A customer may carry several tags of one group, and at most 3,000 tags of one member.
        - Tags of a strategy need a strategy that the same app created, with the member in its
          range.
        - Tags put on or taken off by this call send no event.
        - Calls that tag one customer of one member at the same time get in each other's way
          (45035); a company may run about five calls at once for all its customers (45033).

        Args:
            userid: The member who follows the customer.
            external_userid: The customer.
            add_tag: Tags to put on.
            remove_tag: Tags to take off.

        Raises:
            Busy: 45033, 45035.
            InvalidArgument: 40003.
            NotFound: 40068, 40096, 84061.
        """
        return await self._client.send(
            CustomerTagMark(
                userid=userid,
                external_userid=external_userid,
                add_tag=add_tag,
                remove_tag=remove_tag,
            )
        )
