"""What does a blocking call cost, from typed arguments to a typed reply?"""

import warnings
from collections.abc import Mapping

import orjson
from measure import OURS, Target, Turn, ask
from samples import CALL, WAY
from server import start
from wecom_contact import Client, CustomerBatchGet
from wecom_contact.contact_way import ContactWayType, Scene

PAGE = "/cgi-bin/externalcontact/batch/get_by_user"
WALK = {"userid_list": ["zhangsan"], "limit": 100}


def ours(url: str) -> dict[str, Turn]:
    client = Client("ww1", "secret", base_url=url)
    call = CustomerBatchGet(userid_list=["zhangsan"], limit=100)
    return {
        OURS: lambda: client.contact_way.add(
            type=ContactWayType.SINGLE,
            scene=Scene.QR_CODE,
            style=1,
            remark="渠道客户",
            state="teststate",
            user=["zhangsan"],
        ),
        f"{OURS}, page": lambda: client.send(call),
    }


def urllib3_pool(url: str) -> dict[str, Turn]:
    import urllib3

    pool = urllib3.connection_from_url(url)
    headers = {"Content-Type": "application/json"}

    def call(path: str, data: object) -> object:
        body = orjson.dumps(data)
        target = f"{path}?access_token=TOKEN"
        return orjson.loads(pool.urlopen("POST", target, body, headers).data)

    return {"urllib3 pool": lambda: call(CALL, WAY), "urllib3 pool, page": lambda: call(PAGE, WALK)}


def requests_session(url: str) -> dict[str, Turn]:
    import requests

    session, token = requests.Session(), {"access_token": "TOKEN"}
    return {
        "requests": lambda: session.post(url + CALL, params=token, data=orjson.dumps(WAY)).json(),
        "requests, page": lambda: session.post(
            url + PAGE, params=token, data=orjson.dumps(WALK)
        ).json(),
    }


def httpx2_client(url: str) -> dict[str, Turn]:
    import httpx2

    client, token = httpx2.Client(), {"access_token": "TOKEN"}
    return {"httpx2": lambda: client.post(url + CALL, params=token, json=WAY).json()}


def wechatpy_client(url: str) -> dict[str, Turn]:
    from wechatpy.enterprise import WeChatClient

    warnings.simplefilter("ignore")  # it warns of itself at every call
    WeChatClient.API_BASE_URL = f"{url}/cgi-bin/"
    client = WeChatClient("ww1", "secret", access_token="TOKEN")
    way = {"type": 1, "scene": 2, "style": 1, "remark": "渠道客户", "state": "teststate"}
    return {
        "wechatpy": lambda: client.external_contact.add_contact_way(user=["zhangsan"], **way),
        "wechatpy, page": lambda: client.post("externalcontact/batch/get_by_user", data=WALK),
    }


def lark_client(url: str) -> dict[str, Turn]:
    import lark_oapi
    from lark_oapi.api.im.v1 import CreateMessageRequest, CreateMessageRequestBody

    client = lark_oapi.Client.builder().app_id("a").app_secret("s").domain(url).build()

    def call() -> object:
        body = CreateMessageRequestBody.builder().receive_id("ou_1").msg_type("text")
        body = body.content('{"text":"hello"}').uuid("1").build()
        request = CreateMessageRequest.builder().receive_id_type("open_id").request_body(body)
        reply = client.im.v1.message.create(request.build())
        assert reply.success(), reply.msg
        return reply

    return {"lark-oapi": call}


def contestants() -> Mapping[str, Turn]:
    url = start()
    makers = (urllib3_pool, ours, requests_session, httpx2_client, wechatpy_client, lark_client)
    return {name: turn for make in makers for name, turn in make(url).items()}


ask(
    "One call of the sync client",
    contestants,
    reference="urllib3 pool",
    targets=[
        Target("urllib3 pool", at_most=1.12),
        Target("wechatpy", at_least=3),
        Target("lark-oapi", at_least=4),
        Target("wechatpy, page", at_least=1.6, ours=f"{OURS}, page"),
    ],
    rounds=30,
    repeat=10,
    processes=4,
    notes={
        "urllib3 pool": "the limit: pool.urlopen and orjson, dict to dict",
        OURS: "typed arguments to typed reply, limits checked",
        "lark-oapi": "its own API, a call of the same size",
        "urllib3 pool, page": "100 customers, a dict",
        f"{OURS}, page": "100 customers, typed",
        "requests, page": "100 customers, a dict",
        "wechatpy, page": "100 customers, a dict",
    },
)
