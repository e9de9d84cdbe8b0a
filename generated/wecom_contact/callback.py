"""Callbacks: verify, decrypt and read what WeCom pushes. No I/O except to remember what was seen.

    callback = Callback(token, aes_key, receive_ids)

    callback.verify_url(query)                # GET: the text to answer with, bare
    event = callback.read(query, body)        # POST: one of `wecom_contact.events`
    if callback.is_new(event): ...            # WeCom repeats what it thinks was not heard

    asgi(callback, handler)  wsgi(callback, handler)    # all of that as an app

Whatever is wrong with a request is a `CallbackRejected` that says what, and nothing is parsed
before the signature is known to be right. A refused argument is a `RefusedArgument` with a path.
Neither shows the token, the key, the signature we expected or what was decrypted, in the local
variables of its traceback either.

Needs `pip install wecom-contact[callback]`.

Generated from spec/ by `make gen`. Do not edit.
"""

from ._runtime.callback import CallbackBase, Forged, Message, asgi, customer_or_chat, wsgi
from ._runtime.events import Event, Table, UnknownEvent
from ._runtime.seen import MemorySeen, RedisSeen, Seen
from .errors import CallbackRejected

__all__ = [
    "Callback",
    "CallbackRejected",
    "Event",
    "Forged",
    "MemorySeen",
    "Message",
    "RedisSeen",
    "Seen",
    "UnknownEvent",
    "asgi",
    "customer_or_chat",
    "wsgi",
]


class Callback(CallbackBase):
    __doc__ = CallbackBase.__doc__

    def _table(self) -> Table:
        from .events import TABLE

        return TABLE
