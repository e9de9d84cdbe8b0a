"""A corp out of nothing or out of a file.

Hand-written: edit codegen/surfaces/testing/_seed.py.
"""

import json
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from ._limits import DAY
from ._things import Tag

if TYPE_CHECKING:
    from ._simulator import Simulator

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹"
GIVEN = (
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明",
    "超", "秀英", "霞", "平", "刚", "桂英", "建华", "文", "玉兰", "志强", "子涵", "浩然", "欣怡",
    "宇轩", "雨桐", "思远",
)  # fmt: skip
FIRST = (("zhangsan", "张三"), ("lisi", "李四"), ("wangwu", "王五"))
"""Whom the examples ask for."""
COMPANIES = ("腾云贸易", "海川物流", "明德教育", "绿野餐饮", "星河科技", "安和医疗", "锦程旅行")
DEPARTMENTS = ("销售一部", "销售二部", "客户服务部", "市场部")
CHANNELS = ("poster", "website", "exhibition", "wechat-article", "live-stream")
LIBRARY: Mapping[str, tuple[str, ...]] = {
    "客户等级": ("重要", "一般", "普通"),
    "来源": ("展会", "官网", "老客户介绍", "直播间"),
    "意向": ("高意向", "观望", "已成交", "流失"),
}


def populate(
    corp: "Simulator",
    customers: int = 1000,
    *,
    members: int | None = None,
    seed: int | None = None,
    taken: Container[str] = (),
) -> None:
    """Departments, members, tags, customers and groups, in believable proportions.

    Nobody gets a userid that is taken.
    """
    seed = corp.seed if seed is None else seed
    least = 1 if customers else 0
    if customers < 0:
        raise ValueError(f"customers: 0 or more, not {customers}")
    if members is not None and members < least:
        raise ValueError(f"members: at least {least} for {customers} customers, not {members}")
    chance = Random(f"{corp.seed} {seed} {customers} {members}")
    now = corp.clock.seconds()
    departments = [corp.add_department(name) for name in DEPARTMENTS]
    count = max(3, min(500, round(customers**0.5))) if members is None else members
    staff = []
    for number in range(count):
        name = name_of(chance)
        userid = f"member{len(corp.members) + 1:03}"
        first, called = FIRST[number] if number < len(FIRST) else (userid, name)
        if first not in corp.members and first not in taken:
            userid, name = first, called
        # The last of the staff writes reports and serves nobody.
        serves = number < count - 1 or count == 1
        member = corp.add_member(
            userid, name, department=chance.choice(departments), customer_contact=serves
        )
        if serves:
            staff.append(member)
    groups = [corp.add_tag_group(name, tags, app=corp.app) for name, tags in LIBRARY.items()]
    # Most customers have one tag or two; the same few tuples serve them all.
    marks: list[tuple[Tag, ...]] = [(), ()]
    marks += [(tag,) for group in groups for tag in group.tags]
    marks += [(chance.choice(groups[0].tags), chance.choice(groups[2].tags)) for _ in range(12)]
    for number in range(customers):
        begun = now - chance.randrange(1, 180 * DAY)
        business = chance.random() < 0.06
        customer = corp.add_customer(
            name_of(chance),
            gender=chance.choice((0, 1, 1, 2, 2)),
            corp_name=chance.choice(COMPANIES) if business else None,
            position="采购经理" if business else None,
        )
        followers = chance.sample(staff, 2) if len(staff) > 1 and chance.random() < 0.08 else None
        followers = followers or [chance.choice(staff)]
        for member in staff[:1] if number == 0 else followers:
            channel = chance.choice(CHANNELS) if chance.random() < 0.5 else None
            follow = corp.befriend(
                member,
                customer,
                add_way=1 if channel else chance.choice((2, 3, 4, 201)),
                state=channel,
                when=begun,
            )
            follow.remark = customer.name
            follow.tags = chance.choice(marks)
    everybody = list(corp.customers.values())
    for number in range(max(1, customers // 400) if staff else 0):
        owner = chance.choice(staff)
        some = chance.sample(everybody, min(len(everybody), chance.randint(5, 40)))
        begun = now - chance.randrange(2, 150) * DAY
        corp.add_group_chat(f"{owner.name}的客户群{number + 1}", owner, some, when=begun)


def name_of(chance: Random) -> str:
    """A Chinese name drawn by chance, such as 王伟."""
    return chance.choice(SURNAMES) + chance.choice(GIVEN)


KEYS = frozenset(
    ("departments", "members", "tags", "customers", "groups", "contact_ways", "populate")
)


def load(corp: "Simulator", source: "Mapping[str, Any] | str | PathLike[str]") -> None:
    """What `Simulator.load` does."""
    if not isinstance(source, Mapping):
        source = json.loads(Path(source).read_text("utf-8"))
    if not isinstance(source, Mapping):
        raise ValueError("seed data is a JSON object")
    if odd := source.keys() - KEYS:
        raise ValueError(f"seed data: {', '.join(sorted(odd))}; allowed: {', '.join(sorted(KEYS))}")
    if "populate" in source:
        with reading("members"):
            taken = {each["userid"] for each in source.get("members", ())}
        with reading("populate"):
            populate(corp, taken=taken, **source["populate"])
    with reading("departments"):
        for name in source.get("departments", ()):
            corp.add_department(name)
    departments = {each.name: each for each in corp.departments.values()}
    with reading("members"):
        for words in source.get("members", ()):
            words = dict(words)
            if isinstance(words.get("department"), str):
                words["department"] = departments[words["department"]]
            corp.add_member(**words)
    with reading("tags"):
        for name, tags in source.get("tags", {}).items():
            corp.add_tag_group(name, tags, app=corp.app)
    with reading("customers"):
        for words in source.get("customers", ()):
            corp.add_customer(**words)
    by_name = {each.name: each for each in corp.customers.values()}
    with reading("groups"):
        for words in source.get("groups", ()):
            words = dict(words)
            names = words.pop("members", ())
            people = [by_name.get(each) or each for each in names]
            corp.add_group_chat(members=people, **words)
    with reading("contact_ways"):
        for words in source.get("contact_ways", ()):
            corp.add_contact_way(**words)


@contextmanager
def reading(key: str) -> Iterator[None]:
    """Tell where in the data something is wrong."""
    try:
        yield
    except KeyError as error:
        raise ValueError(f"seed data: {key}: there is no {error}") from error
    except (AttributeError, TypeError, ValueError) as error:
        raise ValueError(f"seed data: {key}: {error}") from error
