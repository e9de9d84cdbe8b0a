"""What the three callback examples do with an event."""

from wecom_contact.callback import Event, UnknownEvent
from wecom_contact.events import CustomerAdded, GroupChatUpdated


def handle(event: Event) -> None:
    """Runs in a thread when WeCom has its answer, once for each event."""
    match event:
        case CustomerAdded(welcome_code=str(code), external_userid=customer):
            # wecom.welcome.send(welcome_code=code, text=MessageText(content="Hello!"))
            until = f"{event.welcome_deadline:%H:%M:%S}"
            print(f"greet {customer} with {code} until {until}", flush=True)
        case GroupChatUpdated(chat_id=chat, update_detail=what, members=members):
            print(f"group {chat}: {what} {members}", flush=True)
        case UnknownEvent(family=family, change=change):
            print(f"not known yet: {family} {change}", flush=True)
        case _:
            print(f"happened: {type(event).__name__}", flush=True)
