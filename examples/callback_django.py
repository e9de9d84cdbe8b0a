"""A callback URL in Django, in one file and without the ready-made app: `python callback_django.py`.

In a project of your own only `receive` and its line in `urlpatterns` are needed.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from wsgiref.simple_server import make_server

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from handling import handle
from wecom_contact.callback import Callback, CallbackRejected

settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="not used here")

callback = Callback(
    os.environ["WECOM_TOKEN"], os.environ["WECOM_AES_KEY"], os.environ["WECOM_CORP_ID"]
)
workers = ThreadPoolExecutor(4)


@csrf_exempt
def receive(request: HttpRequest) -> HttpResponse:
    """Answer WeCom. The signature takes the place of the CSRF token."""
    query = request.META["QUERY_STRING"]
    try:
        if request.method in ("GET", "HEAD"):
            return HttpResponse(callback.verify_url(query), content_type="text/plain")
        event = callback.read(query, request.body)
    except CallbackRejected as error:
        return HttpResponse(error.reason, status=error.status)
    try:
        if callback.is_new(event):
            workers.submit(handle, event)
    except Exception:
        # It was not handed on, so let it come again: WeCom tries three times.
        callback.forget(query, event)
        raise
    return HttpResponse("success")


urlpatterns = [path("wecom", receive)]

if __name__ == "__main__":
    make_server(
        "127.0.0.1", int(os.environ.get("PORT", "8000")), get_wsgi_application()
    ).serve_forever()
