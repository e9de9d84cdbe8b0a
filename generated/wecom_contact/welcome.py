"""发送新客户欢迎语: Welcome messages for new customers.

Generated from spec/welcome.yaml by `make gen`. Do not edit.
"""

from typing import TYPE_CHECKING, ClassVar

from attrs import define, field

from ._runtime.model import Call, Endpoint, SequenceNotStr, wire
from .types import Attachment, MessageText

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver
    from ._runtime.sync_driver import SyncDriver


@define(kw_only=True, eq=False, repr=False)
class WelcomeSend(Call[None]):
    """Greet a new customer, once, within 20 seconds of the event that carried the code."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="welcome.send",
        method="POST",
        path="/cgi-bin/externalcontact/send_welcome_msg",
        title="发送新客户欢迎语",
        page=92137,
        readonly=False,
        result=None,
        errors=(40007, 41049, 41050, 41051, 41053, 41064, 41065, 41096, 45002),
    )
    __any_of__: ClassVar = (("text", "attachments"),)
    welcome_code: str = field(repr=False)
    text: MessageText | None = None
    attachments: SequenceNotStr[Attachment] | None = field(default=None, metadata=wire(max_items=9))


class WelcomeCalls:
    """发送新客户欢迎语: the calls of `Client.welcome`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def send(
        self,
        *,
        welcome_code: str,
        text: MessageText | None = None,
        attachments: SequenceNotStr[Attachment] | None = None,
    ) -> None:
        """Greet a new customer, once, within 20 seconds of the event that carried the code.

        发送新客户欢迎语: https://developer.work.weixin.qq.com/document/path/92137

        - The event has no code when the admins set a welcome message for the member, when the two
          have talked before, or when the new contact is a member of another company.
        - Every app gets the code, only the first one to call succeeds. 41051 means a welcome has
          been sent or the two have talked; do not repeat it. 41096 means another app is sending
          just now, which is no promise; it may be repeated.
        - Text and each attachment arrive as messages of their own.
        - The member must be in the app's range, and must have used WeCom lately.

        Args:
            welcome_code: From the event that a customer was added; lives 20 seconds and works once.
            text: The text.
            attachments: Media sent after the text; from `media.upload`, not from
                `media.upload_attachment`. At most 9 items.

        Raises:
            Conflict: 41051, 41096.
            Forbidden: 41053.
            InvalidArgument: 40007, 41049, 41050, 41064, 41065, 45002.
        """
        return self._client.send(
            WelcomeSend(welcome_code=welcome_code, text=text, attachments=attachments)
        )


class AsyncWelcomeCalls:
    """发送新客户欢迎语: the calls of `AsyncClient.welcome`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    async def send(
        self,
        *,
        welcome_code: str,
        text: MessageText | None = None,
        attachments: SequenceNotStr[Attachment] | None = None,
    ) -> None:
        """Greet a new customer, once, within 20 seconds of the event that carried the code.

        发送新客户欢迎语: https://developer.work.weixin.qq.com/document/path/92137

        - The event has no code when the admins set a welcome message for the member, when the two
          have talked before, or when the new contact is a member of another company.
        - Every app gets the code, only the first one to call succeeds. 41051 means a welcome has
          been sent or the two have talked; do not repeat it. 41096 means another app is sending
          just now, which is no promise; it may be repeated.
        - Text and each attachment arrive as messages of their own.
        - The member must be in the app's range, and must have used WeCom lately.

        Args:
            welcome_code: From the event that a customer was added; lives 20 seconds and works once.
            text: The text.
            attachments: Media sent after the text; from `media.upload`, not from
                `media.upload_attachment`. At most 9 items.

        Raises:
            Conflict: 41051, 41096.
            Forbidden: 41053.
            InvalidArgument: 40007, 41049, 41050, 41064, 41065, 45002.
        """
        return await self._client.send(
            WelcomeSend(welcome_code=welcome_code, text=text, attachments=attachments)
        )
