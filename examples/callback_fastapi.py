"""A callback URL in FastAPI: `uvicorn callback_fastapi:app`, with the console's values in the environment."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from starlette.routing import Route
from wecom_contact.callback import Callback, Event, UnknownEvent, asgi
from wecom_contact.events import CustomerAdded, GroupChatUpdated

callback = Callback(
    os.environ["WECOM_TOKEN"], os.environ["WECOM_AES_KEY"], os.environ["WECOM_CORP_ID"]
)


async def handle(event: Event) -> None:
    """Runs after WeCom has its answer, once for each event."""
    match event:
        case CustomerAdded(welcome_code=str(code), external_userid=customer):
            # await wecom.welcome.send(welcome_code=code, text=MessageText(content="Hello!"))
            print(
                f"greet {customer} with {code} until {event.welcome_deadline:%H:%M:%S}", flush=True
            )
        case GroupChatUpdated(chat_id=chat, update_detail=what, members=members):
            print(f"group {chat}: {what} {members}", flush=True)
        case UnknownEvent(family=family, change=change):
            print(f"not known yet: {family} {change}", flush=True)
        case _:
            print(f"happened: {type(event).__name__}", flush=True)


receiver = asgi(callback, handle)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """At the end, wait for the handlers."""
    yield
    await receiver.aclose()


app = FastAPI(lifespan=lifespan)
# `app.mount("/wecom", receiver)` serves `/wecom/` only: Starlette redirects the other, and WeCom does not follow.
app.router.routes.extend(Route(path, receiver) for path in ("/wecom", "/wecom/"))

if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ.get("PORT", "8000")), log_level="warning")
