"""A callback URL in Flask: `flask --app callback_flask run`, with the console's values in the environment."""

import os

from flask import Flask
from wecom_contact.callback import Callback, Event, UnknownEvent, wsgi
from wecom_contact.events import CustomerAdded, GroupChatUpdated

callback = Callback(
    os.environ["WECOM_TOKEN"], os.environ["WECOM_AES_KEY"], os.environ["WECOM_CORP_ID"]
)


def handle(event: Event) -> None:
    """Runs in a thread while WeCom gets its answer, once for each event."""
    match event:
        case CustomerAdded(welcome_code=str(code), external_userid=customer):
            # wecom.welcome.send(welcome_code=code, text=MessageText(content="Hello!"))
            print(
                f"greet {customer} with {code} until {event.welcome_deadline:%H:%M:%S}", flush=True
            )
        case GroupChatUpdated(chat_id=chat, update_detail=what, members=members):
            print(f"group {chat}: {what} {members}", flush=True)
        case UnknownEvent(family=family, change=change):
            print(f"not known yet: {family} {change}", flush=True)
        case _:
            print(f"happened: {type(event).__name__}", flush=True)


app = Flask(__name__)
receiver = wsgi(callback, handle)
# A view of Flask may return a WSGI app.
app.add_url_rule("/wecom", view_func=lambda: receiver, endpoint="wecom", methods=["GET", "POST"])

if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "8000")))
