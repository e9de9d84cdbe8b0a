"""A callback URL in FastAPI: `uvicorn callback_fastapi:app`, with the console's values in the environment."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from handling import handle
from starlette.routing import Route
from wecom_contact.callback import Callback, asgi

callback = Callback(
    os.environ["WECOM_TOKEN"], os.environ["WECOM_AES_KEY"], os.environ["WECOM_CORP_ID"]
)


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
