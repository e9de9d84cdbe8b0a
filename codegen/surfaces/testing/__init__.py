"""WeCom on your own machine: a stateful corp for tests, examples and development. No account needed.

    from wecom_contact.testing import Simulator

    with Simulator() as corp:
        zhang = corp.add_member("zhangsan", "张三")
        way = corp.add_contact_way([zhang], state="poster")
        with corp.client() as wecom:
            follow = corp.customer_scans(way, name="李四")          # the outside world acts …
            welcome = corp.callbacks.events[-1]                     # … and tells the application
            wecom.welcome.send(welcome_code=welcome.welcome_code, text=MessageText(content="你好"))
        assert corp.messages_to(follow.customer)[0].text == "你好"   # look at what came of it

It speaks HTTP on loopback exactly as WeCom does, so that any client works with it. `pip install
wecom-contact[testing]` brings what it needs, and the pytest fixtures `wecom_corp`, `wecom` and `async_wecom`.
`python -m wecom_contact.testing --help` runs it alone.

Hand-written: edit codegen/surfaces/testing/__init__.py.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._callbacks import Callbacks, Delivery
    from ._clock import Clock
    from ._limits import Lifetimes, Limits, Manner
    from ._refusals import Refusal
    from ._serve import Reply, Request
    from ._simulator import Simulator
    from ._things import (
        AcquisitionLink,
        AcquisitionQuota,
        App,
        Behavior,
        Bill,
        CallMade,
        ContactWay,
        Customer,
        Department,
        Follow,
        GroupBehavior,
        GroupChat,
        GroupMember,
        InterceptRule,
        Job,
        JoinWay,
        MassMessage,
        MassTask,
        Media,
        Member,
        Moment,
        Product,
        Publication,
        Reaction,
        RemoteFile,
        SentMessage,
        Strategy,
        Tag,
        TagGroup,
        Transfer,
        Unassigned,
        WelcomeCode,
        WelcomeTemplate,
    )
    from ._trouble import Trouble, Troubles

__all__ = [
    "AcquisitionLink",
    "AcquisitionQuota",
    "App",
    "Behavior",
    "Bill",
    "CallMade",
    "Callbacks",
    "Clock",
    "ContactWay",
    "Customer",
    "Delivery",
    "Department",
    "Follow",
    "GroupBehavior",
    "GroupChat",
    "GroupMember",
    "InterceptRule",
    "Job",
    "JoinWay",
    "Lifetimes",
    "Limits",
    "Manner",
    "MassMessage",
    "MassTask",
    "Media",
    "Member",
    "Moment",
    "Product",
    "Publication",
    "Reaction",
    "Refusal",
    "RemoteFile",
    "Reply",
    "Request",
    "SentMessage",
    "Simulator",
    "Strategy",
    "Tag",
    "TagGroup",
    "Transfer",
    "Trouble",
    "Troubles",
    "Unassigned",
    "WelcomeCode",
    "WelcomeTemplate",
]

_HOMES = {
    "_callbacks": "Callbacks Delivery",
    "_clock": "Clock",
    "_limits": "Lifetimes Limits Manner",
    "_refusals": "Refusal",
    "_serve": "Reply Request",
    "_simulator": "Simulator",
    "_things": "AcquisitionLink AcquisitionQuota App Behavior Bill CallMade ContactWay Customer Department Follow GroupBehavior GroupChat GroupMember InterceptRule Job JoinWay MassMessage MassTask Media Member Moment Product Publication Reaction RemoteFile SentMessage Strategy Tag TagGroup Transfer Unassigned WelcomeCode WelcomeTemplate",
    "_trouble": "Trouble Troubles",
}


def __getattr__(name: str) -> Any:
    # pytest loads the plugin beside this file in every run, so nothing is imported before it is touched.
    for home, names in _HOMES.items():
        if name in names.split():
            try:
                module = import_module(f".{home}", __name__)
            except ModuleNotFoundError as error:
                if (error.name or "").partition(".")[0] != "werkzeug":
                    raise
                words = 'the simulator needs werkzeug: pip install "wecom-contact[testing]"'
                raise ImportError(words) from error
            found = globals()[name] = getattr(module, name)
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
