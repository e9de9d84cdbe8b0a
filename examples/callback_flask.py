"""A callback URL in Flask: `flask --app callback_flask run`, with the console's values in the environment."""

import os

from flask import Flask
from handling import handle
from wecom_contact.callback import Callback, wsgi

callback = Callback(
    os.environ["WECOM_TOKEN"], os.environ["WECOM_AES_KEY"], os.environ["WECOM_CORP_ID"]
)


app = Flask(__name__)
receiver = wsgi(callback, handle)
# A view of Flask may return a WSGI app.
app.add_url_rule("/wecom", view_func=lambda: receiver, endpoint="wecom", methods=["GET", "POST"])

if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "8000")))
