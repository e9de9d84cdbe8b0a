"""Day 8: a company's customers in a database of your own, kept in step by callbacks; every night what got lost is found.

    WECOM_CORP_ID=ww… WECOM_SECRET=… WECOM_TOKEN=… WECOM_AES_KEY=… python day8_mirror.py sqlite:///mirror.db
    WECOM_CORP_ID=ww… WECOM_SECRET=… python day8_mirror.py sqlite:///mirror.db --reconcile

The first takes callbacks, at PORT (8000); the second is for every night, from cron. WeCom tries three times to tell
something and then forgets it, so callbacks alone are never enough. The database may be PostgreSQL or MariaDB as well:
docs/mirror.md tells how, and what the tables are.

WECOM_BASE_URL, if it is set, leads elsewhere than to WeCom: to a simulator, for instance.
"""

import os
import sys
from wsgiref.simple_server import make_server

from wecom_contact import Client
from wecom_contact.callback import Callback, wsgi
from wecom_contact.mirror import Mirror


def main(wecom: Client, db: str) -> Mirror:
    """A mirror that is complete: the first time, or where that was broken off, a full sync fills it."""
    mirror = Mirror(db, wecom)
    if mirror.status().synced_at is None:
        mirror.sync()
    return mirror


if __name__ == "__main__":
    from connecting import connect

    with connect() as wecom, main(wecom, sys.argv[1]) as mirror:
        if "--reconcile" in sys.argv[2:]:
            print(mirror.reconcile())
        else:
            # To read something twice does no harm, and two edits within a second look like one told twice:
            # so nothing is remembered to be left out.
            callback = Callback(
                os.environ["WECOM_TOKEN"],
                os.environ["WECOM_AES_KEY"],
                os.environ["WECOM_CORP_ID"],
                seen=None,
            )
            port = int(os.environ.get("PORT", "8000"))
            make_server("", port, wsgi(callback, mirror.apply)).serve_forever()
