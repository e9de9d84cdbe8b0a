"""What does an awaited call cost, with 1, 50 and 500 of them under way at once?"""

import asyncio
import atexit
import sys
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack

import orjson
from measure import OURS, Target, Turn, ask
from samples import CALL, WAY
from server import start

TOKEN = {"access_token": "TOKEN"}

One = Callable[[], Awaitable[object]]


async def ours(url: str, at_once: int, stack: AsyncExitStack) -> One:
    from wecom_contact import AsyncClient
    from wecom_contact.contact_way import ContactWayType, Scene

    client = AsyncClient("ww1", "secret", base_url=url)
    await stack.enter_async_context(client)
    return lambda: client.contact_way.add(
        type=ContactWayType.SINGLE,
        scene=Scene.QR_CODE,
        style=1,
        remark="渠道客户",
        state="teststate",
        user=["zhangsan"],
    )


async def bare_aiohttp(url: str, at_once: int, stack: AsyncExitStack) -> One:
    import aiohttp

    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=at_once))
    await stack.enter_async_context(session)
    headers = {"Content-Type": "application/json"}

    async def one() -> object:
        body = orjson.dumps(WAY)
        target = f"{url}{CALL}?access_token=TOKEN"
        async with session.post(target, data=body, headers=headers) as reply:
            return orjson.loads(await reply.read())

    return one


async def httpx_client(url: str, at_once: int, stack: AsyncExitStack) -> One:
    import httpx

    limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
    client = await stack.enter_async_context(httpx.AsyncClient(limits=limits, timeout=60))

    async def one() -> object:
        return (await client.post(url + CALL, params=TOKEN, json=WAY)).json()

    return one


async def httpx2_client(url: str, at_once: int, stack: AsyncExitStack) -> One:
    import httpx2

    limits = httpx2.Limits(max_connections=at_once, max_keepalive_connections=at_once)
    client = await stack.enter_async_context(httpx2.AsyncClient(limits=limits, timeout=60))

    async def one() -> object:
        return (await client.post(url + CALL, params=TOKEN, json=WAY)).json()

    return one


async def urllib3_threads(url: str, at_once: int, stack: AsyncExitStack) -> One:
    import urllib3

    loop = asyncio.get_running_loop()
    pool = urllib3.connection_from_url(url, maxsize=at_once)
    threads = ThreadPoolExecutor(at_once)
    headers = {"Content-Type": "application/json"}

    def call() -> object:
        target = f"{CALL}?access_token=TOKEN"
        return orjson.loads(pool.urlopen("POST", target, orjson.dumps(WAY), headers).data)

    return lambda: loop.run_in_executor(threads, call)


MAKERS = {
    "aiohttp": bare_aiohttp,
    OURS: ours,
    "httpx2": httpx2_client,
    "httpx": httpx_client,
    "urllib3 in threads": urllib3_threads,
}


def contestants(at_once: int, calls: int) -> Mapping[str, Turn]:
    url, loop, stack = start(), asyncio.new_event_loop(), AsyncExitStack()
    atexit.register(lambda: loop.run_until_complete(stack.aclose()))

    async def worker(one: One, calls: int) -> None:
        for _ in range(calls):
            await one()

    async def together(one: One) -> None:
        await asyncio.gather(*(worker(one, calls // at_once) for _ in range(at_once)))

    def turn(make: Callable[[str, int, AsyncExitStack], Awaitable[One]]) -> Turn:
        async def made() -> One:
            return await make(url, at_once, stack)

        one = loop.run_until_complete(made())
        return lambda: loop.run_until_complete(together(one))

    return {name: turn(make) for name, make in MAKERS.items()}


def main(at_once: int) -> None:
    calls = max(100, at_once)
    targets = [Target("aiohttp", at_most=1.25), Target("httpx2", at_least=4)]
    ask(
        f"One call of the async client, {at_once} at once",
        lambda: contestants(at_once, calls),
        reference="aiohttp",
        targets=targets if at_once == 50 else [],
        # httpx takes ten seconds for 500 calls at once.
        rounds=2 if at_once == 500 else 10,
        repeat=1,
        calls=calls,
        warm=1,
        processes=1 if at_once == 500 else 3,
        notes={
            "aiohttp": "the limit: session.post and orjson, dict to dict",
            OURS: "typed arguments to typed reply, limits checked; all settings as they come, 50 connections",
        },
    )


main(int(sys.argv[1]))
