"""`python -m codegen diff`: every rule by one mutation of the toy spec, in both directions."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from codegen import __main__, diff, resolve, spec, versions
from codegen.diff import Change, Verdict
from codegen.problems import Where

ROOT = Path(__file__).parent.parent.parent
PACKAGE = "generated/wecom_toy"
TOY = Path(__file__).parent / "toy/spec"

# name: (file, what is written, what stands there then, what is told, what is told the other way round)
Row = tuple[str, str, str, set[str], set[str]]
RULES: dict[str, Row] = {
    "package name": (
        "package", "name: wecom_toy", "name: toys",
        {"breaks: package name was wecom_toy and is toys"},
        {"breaks: package name was toys and is wecom_toy"},
    ),
    "package title": (
        "package", "title: 玩具", "title: 玩",
        {"says: package title is worded differently"},
        {"says: package title is worded differently"},
    ),
    "host": (
        "package", "api: toy", "base_url: https://example.com\napi: toy",
        {"behaves: package base_url was https://qyapi.weixin.qq.com and is https://example.com"},
        {"behaves: package base_url was https://example.com and is https://qyapi.weixin.qq.com"},
    ),
    "surface": (
        "package", "api: toy", "surfaces: [testing]\napi: toy",
        {"adds: wecom_toy.testing is new (surface)"},
        {"breaks: wecom_toy.testing is gone (surface)"},
    ),
    "class name": (
        "shop", "deprecated: Use `sell`.", "deprecated: Use `sell`.\n    class_name: Shut",
        {"breaks: shop.close cls was ShopClose and is Shut"},
        {"breaks: shop.close cls was Shut and is ShopClose"},
    ),
    "path": (
        "shop", "/cgi-bin/shop/close", "/cgi-bin/shop/shut",
        {"behaves: shop.close path was /cgi-bin/shop/close and is /cgi-bin/shop/shut"},
        {"behaves: shop.close path was /cgi-bin/shop/shut and is /cgi-bin/shop/close"},
    ),
    "method": (
        "shop", "POST /cgi-bin/shop/guests", "GET /cgi-bin/shop/guests",
        {"behaves: shop.guests method was POST and is GET"},
        {"behaves: shop.guests method was GET and is POST"},
    ),
    "token": (
        "shop", "token: suite", "token: provider",
        {"behaves: shop.open token was suite_access_token and is provider_access_token"},
        {"behaves: shop.open token was provider_access_token and is suite_access_token"},
    ),
    "apps": (
        "shop", "    serial: true\n", "    apps: own\n    serial: true\n",
        {"behaves: shop.open apps was all and is own", "says: shop.open notes is worded differently"},
        {"behaves: shop.open apps was own and is all", "says: shop.open notes is worded differently"},
    ),
    "serial": (
        "shop", "    serial: true\n", "",
        {"behaves: shop.open serial was True and is False"},
        {"behaves: shop.open serial was False and is True"},
    ),
    "mass": (
        "shop", "    serial: true\n", "    serial: true\n    mass: true\n",
        {"behaves: shop.open mass was False and is True"},
        {"behaves: shop.open mass was True and is False"},
    ),
    "deprecated": (
        "shop", "    deprecated: Use `sell`.\n", "",
        {"behaves: shop.close deprecated was Use `sell`. and is not there"},
        {"behaves: shop.close deprecated was not there and is Use `sell`."},
    ),
    "secret": (
        "shop", "secret: true, doc: Whose", "doc: Whose",
        {"behaves: shop.open.owner secret was True and is False"},
        {"behaves: shop.open.owner secret was False and is True"},
    ),
    "wire": (
        "shop", "wire: class,", "wire: stars,",
        {"behaves: shop.open.class_ wire was class and is stars"},
        {"behaves: shop.open.class_ wire was stars and is class"},
    ),
    "optional field sent": (
        "shop", "opens_at?:    {type: timestamp", "at: {type: int, doc: At.}\n      opens_at?: {type: timestamp",
        {"breaks: shop.open.at is new (field) and required"},
        {"breaks: shop.open.at is gone (field)"},
    ),
    "new optional field sent": (
        "shop", "opens_at?:    {type: timestamp", "at?: {type: int, doc: At.}\n      opens_at?: {type: timestamp",
        {"adds: shop.open.at is new (field)"},
        {"breaks: shop.open.at is gone (field)"},
    ),
    "new field received": (
        "shop", "total:       {type", "more: {type: int, doc: More.}\n      total:       {type",
        {"adds: ShopCountResult.more is new (field)"},
        {"breaks: ShopCountResult.more is gone (field)"},
    ),
    "required when sent": (
        "shop", "page_id?: {type: int, min: 0", "page_id: {type: int, min: 0",
        {"breaks: shop.walks.page_id was optional and is required"},
        {"adds: shop.walks.page_id was required and is optional"},
    ),
    "optional when received": (
        "shop", "walkers: {type: [str]", "walkers?: {type: [str]",
        {"breaks: ShopWalksResult.walkers was required and is optional"},
        {"adds: ShopWalksResult.walkers was optional and is required"},
    ),
    "optional when sent in a type": (
        "types", "title: {type", "title?: {type",
        {"adds: Link.title was required and is optional"},
        {"breaks: Link.title was optional and is required"},
    ),
    "type": (
        "shop", "value: {type: str", "value: {type: int",
        {"breaks: TextSign.value type was str and is int"},
        {"breaks: TextSign.value type was int and is str"},
    ),
    "list-ness": (
        "shop", "value: {type: str", "value: {type: [str]",
        {"breaks: TextSign.value type was str and is [str]"},
        {"breaks: TextSign.value type was [str] and is str"},
    ),
    "flag and a list of truths": (
        "shop", "quiet?:       {type: flag, default: false", "quiet?:       {type: [bool], default: false",
        {"breaks: shop.open.quiet type was flag and is [bool]"},
        {"breaks: shop.open.quiet type was [bool] and is flag"},
    ),
    "flag and bool": (
        "shop", "quiet?:       {type: flag", "quiet?:       {type: bool",
        {"behaves: shop.open.quiet type was flag and is bool"},
        {"behaves: shop.open.quiet type was bool and is flag"},
    ),
    "limit": (
        "types", "max_bytes: 128", "max_bytes: 64",
        {"breaks: Link.title max_bytes was 128 and is 64"},
        {"adds: Link.title max_bytes was 64 and is 128"},
    ),
    "least": (
        "shop", "min_items: 2, max_items: 9", "max_items: 9",
        {"adds: shop.open.owners min_items was 2 and is not there"},
        {"breaks: shop.open.owners min_items was not there and is 2"},
    ),
    "least of both": (
        "shop", "min_items: 2, max_items: 9", "min_items: 3, max_items: 9",
        {"breaks: shop.open.owners min_items was 2 and is 3"},
        {"adds: shop.open.owners min_items was 3 and is 2"},
    ),
    "limit of an alias in another's place": (
        "shop", "request: {shop_id: {type: ShopId, doc: The shop.}}\n  sell", "request: {shop_id: {type: str, doc: The shop.}}\n  sell",
        {"adds: shop.close.shop_id max_bytes was 8 and is not there"},
        {"breaks: shop.close.shop_id max_bytes was not there and is 8"},
    ),
    "limit of what is received": (
        "events", "seats?:  {wire: Seats, type: int", "seats?:  {wire: Seats, type: int, max: 9",
        {"says: ShopOpened.seats max was not there and is 9"},
        {"says: ShopOpened.seats max was 9 and is not there"},
    ),
    "limit of an alias": (
        "types", "max_bytes: 8", "max_bytes: 9",
        {"adds: ShopId max_bytes was 8 and is 9"},
        {"breaks: ShopId max_bytes was 9 and is 8"},
    ),
    "any_of": (
        "types", "    any_of: [media_id, url]\n", "",
        {"adds: Image no longer needs any_of media_id, url"},
        {"breaks: Image needs any_of media_id, url"},
    ),
    "one_of": (
        "shop", "    one_of: [owner, owners]\n", "",
        {"adds: shop.open no longer needs one_of owner, owners"},
        {"breaks: shop.open needs one_of owner, owners"},
    ),
    "any_of of what is received": (
        "shop", "Rest: {doc: What is left., ", "Rest: {doc: What is left., any_of: [names], ", set(), set(),
    ),
    "one_of instead of any_of": (
        "types", "any_of: [media_id", "one_of: [media_id",
        {"breaks: Image needs one_of media_id, url"},
        {"adds: Image needs any_of media_id, url"},
    ),
    "paging": (
        "shop", "    paginate: {items: shops}\n", "",
        {"breaks: shop.list was paged and is not"},
        {"breaks: shop.list was not paged and is"},
    ),
    "page size": (
        "shop", "items: info, cursor: page_id", "items: info, cursor: cursor",
        {"breaks: shop.guests.paginate cursor was page_id and is cursor"},
        {"breaks: shop.guests.paginate cursor was cursor and is page_id"},
    ),
    "how long pages go on": (
        "market", "more: has_more}\n    request: {cursor?", "until: has_more}\n    request: {cursor?",
        {"breaks: market.stalls.paginate more was has_more and is not there",
         "breaks: market.stalls.paginate style was cursor and is page",
         "breaks: market.stalls.paginate until was not there and is has_more"},
        {"breaks: market.stalls.paginate more was not there and is has_more",
         "breaks: market.stalls.paginate style was page and is cursor",
         "breaks: market.stalls.paginate until was has_more and is not there"},
    ),
    "short pages": (
        "market", "cursor: offset, limit: limit}", "cursor: offset, next: offset, limit: limit}",
        {"breaks: market.baskets.paginate next was not there and is offset"},
        {"breaks: market.baskets.paginate next was offset and is not there"},
    ),
    "flat": (
        "market", "    flat: true\n", "",
        {"behaves: EventNews flat was True and is False"}
        | {f"behaves: EventNews.{tag} key was not there and is {tag}"
           for tag in ("opened", "moved", "closed", "rained")},
        {"behaves: EventNews flat was False and is True"}
        | {f"behaves: EventNews.{tag} key was {tag} and is not there"
           for tag in ("opened", "moved", "closed", "rained")},
    ),
    "one tag less of a record": (
        "market", ", moved: Moved, closed: Moved", ", moved: Moved",
        {"breaks: EventNews.closed is gone (variant)", "breaks: Moved.event is gone (field)"},
        {"adds: EventNews.closed is new (variant)", "adds: Moved.event is new (field)"},
    ),
    "a union as a payload": (
        "market", ", event: EventNews}", ", event: MediaNews}",
        {"breaks: News.event type was EventNews and is MediaNews", *(
            f"breaks: {name}.{field} is gone (field)"
            for name in ("Opened", "Moved", "Rained") for field in ("id", "stall")
        )},
        {"breaks: News.event type was MediaNews and is EventNews", *(
            f"adds: {name}.{field} is new (field)"
            for name in ("Opened", "Moved", "Rained") for field in ("id", "stall")
        )},
    ),
    "flat field": (
        "market", "flat: true, doc: What is told.", "doc: What is told.",
        {"behaves: market.tell.what flat was True and is False"},
        {"behaves: market.tell.what flat was False and is True"},
    ),
    "pattern": (
        "market", 'pattern: "[0-9a-zA-Z_-]*"', 'pattern: "[0-9]*"',
        {"breaks: market.tell.id pattern was [0-9a-zA-Z_-]* and is [0-9]*"},
        {"breaks: market.tell.id pattern was [0-9]* and is [0-9a-zA-Z_-]*"},
    ),
    "no pattern": (
        "market", 'pattern: "[0-9a-zA-Z_-]*", ', "",
        {"adds: market.tell.id pattern was [0-9a-zA-Z_-]* and is not there"},
        {"breaks: market.tell.id pattern was not there and is [0-9a-zA-Z_-]*"},
    ),
    "pattern of an alias": (
        "market", "pattern: '\\w+', ", "",
        {"adds: MarketTag pattern was \\w+ and is not there"},
        {"breaks: MarketTag pattern was not there and is \\w+"},
    ),
    "pattern of an alias in another's place": (
        "market", "tags?: {type: [MarketTag]", "tags?: {type: [str]",
        {"adds: market.tell.tags pattern was \\w+ and is not there"},
        {"breaks: market.tell.tags pattern was not there and is \\w+"},
    ),
    "pattern of what is received": (
        "market", "content: {type: str, ", 'content: {type: str, pattern: "x", ',
        {"says: TextNews.content pattern was not there and is x"},
        {"says: TextNews.content pattern was x and is not there"},
    ),
    "lists in lists": (
        "market", "{type: [[int]], max_items", "{type: [int], max_items",
        {"breaks: market.chart.rows type was [[int]] and is [int]"},
        {"breaks: market.chart.rows type was [int] and is [[int]]"},
    ),
    "keys of a map": (
        "market", "{MarketTag: [str]}", "{str: [str]}",
        {"breaks: market.chart.names type was {MarketTag: [str]} and is {str: [str]}"},
        {"breaks: market.chart.names type was {str: [str]} and is {MarketTag: [str]}"},
    ),
    "values of a map": (
        "market", "{str: Peak}", "{str: int}",
        {"breaks: MarketChartResult.peaks type was {str: Peak} and is {str: int}"},
        {"breaks: MarketChartResult.peaks type was {str: int} and is {str: Peak}"},
    ),
    "partial": (
        "shop", "    partial: [{items: goods, code: errcode}, {items: rest.names}]\n", "",
        {"breaks: shop.sell partial was goods by errcode, rest.names by  and is not there"},
        {"adds: shop.sell partial was not there and is goods by errcode, rest.names by "},
    ),
    "reply": (
        "shop", "    response: file\n", "",
        {"breaks: shop.read_sign returned a file and returns nothing"},
        {"adds: shop.read_sign returned nothing and returns a file"},
    ),
    "member": (
        "shop", "{food: 1, ", "{",
        {"breaks: ShopKind.FOOD is gone (enum member)"},
        {"adds: ShopKind.FOOD is new (enum member)"},
    ),
    "value": (
        "shop", "{food: 1, ", "{food: 3, ",
        {"behaves: ShopKind.FOOD value was 1 and is 3"},
        {"behaves: ShopKind.FOOD value was 3 and is 1"},
    ),
    "member's words": (
        "shop", "New and old.", "Old and new.",
        {"says: ShopKind.BOOKS doc is worded differently"},
        {"says: ShopKind.BOOKS doc is worded differently"},
    ),
    "variant": (
        "shop", ", 1: {key: web, type: WebSign}", "",
        {"breaks: Sign.1 is gone (variant)", "breaks: WebSign.name is gone (field)"},
        {"adds: Sign.1 is new (variant)", "adds: WebSign.name is new (field)"},
    ),
    "variant's type": (
        "types", "link: Link", "link: Image",
        {"breaks: Attachment.link type was Link and is Image",
         "breaks: Image.msgtype is new (field) and required"},
        {"breaks: Attachment.link type was Image and is Link",
         "breaks: Image.msgtype is gone (field)"},
    ),
    "variant's key": (
        "shop", "key: web", "key: page",
        {"behaves: Sign.1 key was web and is page"},
        {"behaves: Sign.1 key was page and is web"},
    ),
    "tag": (
        "types", "union: msgtype", "union: type",
        {"behaves: Attachment tag was msgtype and is type"},
        {"behaves: Attachment tag was type and is msgtype"},
    ),
    "event": (
        "events", "  MarketMoved:", "  MarketShifted:",
        {"breaks: MarketMoved is gone (event)", "adds: MarketShifted is new (event)"},
        {"breaks: MarketShifted is gone (event)", "adds: MarketMoved is new (event)"},
    ),
    "event's tag": (
        "events", "{Event: market}", "{Event: fair}",
        {"behaves: MarketMoved family was market and is fair"},
        {"behaves: MarketMoved family was fair and is market"},
    ),
    "type gone": (
        "shop", "  Rest: {", "  Left: {doc: L., fields: {x: {type: int, doc: X.}}}\n  Rest: {",
        {"adds: Left is new (type)"},
        {"breaks: Left is gone (type)"},
    ),
    "kind of a type": (
        "types", "{alias: str, max_bytes: 8, doc: A shop.}", "{doc: A shop., enum: {a: a}}",
        {"breaks: ShopId was a type of kind alias and is a type of kind enum"},
        {"breaks: ShopId was a type of kind enum and is a type of kind alias"},
    ),
    "record and union": (
        "shop", "Rest: {doc: What is left., fields: {names?: {type: [str], doc: The things.}}}", "Rest: {doc: The rest., union: kind, variants: {a: Sold}}",
        {"breaks: Rest was a type of kind record and is a type of kind union", "says: Rest doc is worded differently"},
        {"breaks: Rest was a type of kind union and is a type of kind record", "says: Rest doc is worded differently"},
    ),
    "scalar behind an alias": (
        "types", "{alias: str, max_bytes: 8, doc: A shop.}", "{alias: int, doc: A shop.}",
        {"breaks: ShopId base was str and is int", "adds: ShopId max_bytes was 8 and is not there"},
        {"breaks: ShopId base was int and is str", "breaks: ShopId max_bytes was not there and is 8"},
    ),
    "class of an error": (
        "errors", "NotFound:", "Conflict:",
        {"behaves: 50001 cls was NotFound and is Conflict"},
        {"behaves: 50001 cls was Conflict and is NotFound"},
    ),
    "error code": (
        "errors", "50001:", "50002:",
        {"behaves: 50001 is gone (error code)", "adds: 50002 is new (error code)"},
        {"behaves: 50002 is gone (error code)", "adds: 50001 is new (error code)"},
    ),
    "readonly": (
        "shop", "    readonly: true\n    paginate: {items: items", "    paginate: {items: items",
        {"behaves: shop.count readonly was True and is False"},
        {"behaves: shop.count readonly was False and is True"},
    ),
    "item": (
        "events", "item: Item", "item: Guest",
        {"behaves: ShopOpened.guests item was Item and is Guest"},
        {"behaves: ShopOpened.guests item was Guest and is Item"},
    ),
    "also": (
        "shop", "also: int, ", "",
        {"behaves: Shop.shop_id also was int and is not there"},
        {"behaves: Shop.shop_id also was not there and is int"},
    ),
    "words": (
        "shop", "doc: Shops, one of each construct.", "doc: Shops.",
        {"says: shop doc is worded differently"},
        {"says: shop doc is worded differently"},
    ),
}  # fmt: skip


def told(old: Path, new: Path) -> list[str]:
    """What is told without the places, which the mutations move."""
    sides = [resolve.resolve(spec.load(each)) for each in (old, new)]
    return [f"{each.verdict.word}: {each.what} {each.text}" for each in diff.changes(*sides)]


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_tells_of_its_mutation_and_of_nothing_else(rule: str, tmp_path: Path) -> None:
    file, was, is_, there, back = RULES[rule]
    shutil.copytree(TOY, tmp_path / "spec")
    path = tmp_path / "spec" / f"{file}.yaml"
    text = path.read_text("utf-8")
    assert text.count(was) == 1
    path.write_text(text.replace(was, is_), "utf-8")
    lines, others = told(TOY, tmp_path / "spec"), told(tmp_path / "spec", TOY)
    assert (sorted(lines), sorted(others)) == (sorted(there), sorted(back))


@pytest.mark.parametrize("rule", RULES)
def test_what_is_gone_stands_in_the_old_version_and_all_else_in_the_new_one(
    rule: str, tmp_path: Path
) -> None:
    file, was, is_, _, _ = RULES[rule]
    shutil.copytree(TOY, tmp_path / "spec")
    edit(tmp_path / "spec" / f"{file}.yaml", was, is_)
    for path in (tmp_path / "spec").glob("*.yaml"):
        path.write_text("\n" * 1000 + path.read_text("utf-8"), "utf-8")
    before, after = (resolve.resolve(spec.load(each)) for each in (TOY, tmp_path / "spec"))
    for old, new, moved in ((before, after, 1), (after, before, -1)):
        for change in diff.changes(old, new):
            gone = change.text.startswith("is gone")
            assert change.gone == gone, change
            # A resource and the package stand in the first line, whatever is above it.
            if change.where.line > 1:
                assert (change.where.line > 1000) == (gone if moved < 0 else not gone), change


RELATIONS = [
    # Who called gave it always, so some of it is given.
    ("a b?", "", "a? b?", "any_of: [a, b]", {"adds: any_of a, b"}),
    ("a", "", "a? b?", "any_of: [a, b]", {"adds: any_of a, b"}),
    ("a? b?", "", "a? b?", "any_of: [a, b]", {"breaks: any_of a, b"}),
    ("a?", "", "a? b?", "any_of: [a, b]", {"breaks: any_of a, b"}),
    ("c?", "", "a? b? c?", "any_of: [a, b]", {"breaks: any_of a, b"}),
    # Exactly one was given only if there was no other.
    ("a", "", "a? b?", "one_of: [a, b]", {"adds: one_of a, b"}),
    ("a b?", "", "a? b?", "one_of: [a, b]", {"breaks: one_of a, b"}),
    ("a b", "", "a? b?", "one_of: [a, b]", {"breaks: one_of a, b"}),
    ("a?", "", "a? b?", "one_of: [a, b]", {"breaks: one_of a, b"}),
    ("a? b?", "", "a? b?", "one_of: [a, b]", {"breaks: one_of a, b"}),
    ("c?", "", "a? b? c?", "one_of: [a, b]", {"breaks: one_of a, b"}),
    # Of more or of fewer fields.
    ("a? b? c?", "any_of: [a, b]", "a? b? c?", "any_of: [a, b, c]", {"adds: any_of a, b, c"}),
    ("a? b? c?", "one_of: [a, b]", "a? b? c?", "any_of: [a, b, c]", {"adds: any_of a, b, c"}),
    ("a? b? c?", "any_of: [a, b]", "a? b? c?", "one_of: [a, b, c]", {"breaks: one_of a, b, c"}),
    ("a? b? c?", "any_of: [a, b, c]", "a? b? c?", "any_of: [a, b]", {"breaks: any_of a, b"}),
    ("a? b? c?", "one_of: [a, b, c]", "a? b? c?", "one_of: [a, b]", {"breaks: one_of a, b"}),
    ("a? b?", "one_of: [a, b]", "a? b?", "any_of: [a, b]", {"adds: any_of a, b"}),
    ("a? b?", "any_of: [a, b]", "a? b?", "one_of: [a, b]", {"breaks: one_of a, b"}),
    # Of others.
    (
        "a? b? c?", "any_of: [a, b]", "a? b? c?", "any_of: [b, c]",
        {"breaks: any_of b, c", "adds: no longer any_of a, b"},
    ),
    ("a? b?", "any_of: [a, b]", "a? b?", "", {"adds: no longer any_of a, b"}),
    (
        "a? b? c? d?", "any_of: [[a, b], [c, d]]", "a? b? c? d?", "any_of: [c, d]",
        {"adds: no longer any_of a, b"},
    ),
    ("a? b?", "any_of: [a, b]", "a? b?", "any_of: [b, a]", set()),
]  # fmt: skip


def stall(fields: str, relation: str) -> str:
    """A resource with a call that sends these fields."""
    request = ", ".join(f"{name}: {{type: str, doc: A.}}" for name in fields.split())
    return (
        "title: 摊\ndoc: Stalls.\nlink: 1\ncalls:\n  open:\n    title: 开\n    doc: Open.\n"
        f"    link: 2\n    call: POST /cgi-bin/stall/open\n    request: {{{request}}}\n"
        + (f"    {relation}\n" if relation else "")
    )


@pytest.mark.parametrize(("fields", "relation", "others", "other", "there"), RELATIONS)
def test_a_relation_breaks_callers_that_may_not_satisfy_it(
    fields: str, relation: str, others: str, other: str, there: set[str], tmp_path: Path
) -> None:
    for name, text in (("old", stall(fields, relation)), ("new", stall(others, other))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "stall.yaml").write_text(text, "utf-8")
    lines = told(tmp_path / "old", tmp_path / "new")
    found = {line.replace(" stall.open ", " ").replace("needs ", "").replace("longer needs", "longer")
             for line in lines if "_of " in line}  # fmt: skip
    assert found == there


WORDS = [
    ("package", "api: toy API", "api: toys", "package api"),
    ("package", "path/{page}", "paths/{page}", "package link"),
    ("package", "api: toy API", "example: wecom.x\napi: toy API", "package example"),
    ("shop", "title: 商店", "title: 店", "shop title"),
    ("shop", "link: 1\n", "link: 91\n", "shop page"),
    ("shop", "title: 开店", "title: 开", "shop.open title"),
    ("shop", "doc: Open a shop.", "doc: Open it.", "shop.open doc"),
    ("shop", "notes: [It opens at once.]", "notes: [It opens.]", "shop.open notes"),
    ("shop", "link: 2\n", "link: 92\n", "shop.open page"),
    ("shop", "errors: [40001, 50001]", "errors: [40001]", "shop.open errors"),
    ("shop", "request: {kind: 1, owner: anna", "request: {kind: 1, owner: otto", "shop.open example_request"),
    ("shop", "response: {shop_id: S1}", "response: {shop_id: S2}", "shop.open example_response"),
    ("shop", "doc: What it sells.}\n      owner?", "doc: What for.}\n      owner?", "shop.open.kind doc"),
    ("shop", "default: false, doc: Whether nobody", "default: true, doc: Whether nobody", "shop.open.quiet default"),
    ("shop", "example: 4.5", "example: 3.5", "Shop.rating example"),
    ("shop", "doc: What became of one thing.", "doc: What became of it.", "Sold doc"),
    ("shop", "doc: New and old.", "doc: Old.", "ShopKind.BOOKS doc"),
    ("types", "doc: A piece of media.", "doc: Media.", "Attachment doc"),
    ("types", "doc: A shop.}", "doc: One.}", "ShopId doc"),
    ("events", "title: 开店事件", "title: 开店", "ShopOpened title"),
    ("events", "doc: A shop opened.", "doc: It opened.", "ShopOpened doc"),
    ("events", "notes: [Sent once.]", "notes: [Sent.]", "ShopOpened notes"),
    ("events", "link: 11", "link: 91", "ShopOpened page"),
    ("events", "doc: How it went.", "doc: How.", "ShopOpened.mood doc"),
    ("errors", "title: 不存在", "title: 无", "50001 title"),
    ("errors", "doc: No such shop.", "doc: None.", "50001 doc"),
    ("errors", "advice: Open one.", "advice: Open two.", "50001 advice"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "was", "is_", "what"), WORDS, ids=[row[3] for row in WORDS])
def test_other_words_are_told_and_break_nothing(
    file: str, was: str, is_: str, what: str, tmp_path: Path
) -> None:
    shutil.copytree(TOY, tmp_path / "spec")
    edit(tmp_path / "spec" / f"{file}.yaml", was, is_)
    assert told(TOY, tmp_path / "spec") == [f"says: {what} is worded differently"]


def test_the_type_behind_an_alias_in_its_place_is_no_other_type(tmp_path: Path) -> None:
    shutil.copytree(TOY, tmp_path / "spec")
    edit(tmp_path / "spec/shop.yaml", "{type: ShopId, doc", "{type: str, max_bytes: 8, doc")
    assert told(TOY, tmp_path / "spec") == told(tmp_path / "spec", TOY) == []


def test_a_type_that_nothing_uses_is_held_to_both_directions(tmp_path: Path) -> None:
    spare = "  Spare: {{doc: S., fields: {{a{}: {{type: str, doc: A.}}}}}}\n"
    for name, sign in (("old", "?"), ("new", "")):
        shutil.copytree(TOY, tmp_path / name)
        with (tmp_path / name / "types.yaml").open("a") as file:
            file.write(spare.format(sign))
    old, new = tmp_path / "old", tmp_path / "new"
    assert told(old, new) == ["breaks: Spare.a was optional and is required"]
    assert told(new, old) == ["breaks: Spare.a was required and is optional"]


def test_the_limit_of_an_alias_that_only_events_have_is_words(tmp_path: Path) -> None:
    for name, bound in (("old", 8), ("new", 4)):
        shutil.copytree(TOY, tmp_path / name)
        events = tmp_path / name / "events.yaml"
        edit(events, "Seats, type: int", "Seats, type: Seats")
        with events.open("a") as file:
            file.write(f"  Seats: {{alias: str, max_bytes: {bound}, doc: S.}}\n")
    assert told(tmp_path / "old", tmp_path / "new") == ["says: Seats max_bytes was 8 and is 4"]


def test_nothing_differs_from_itself() -> None:
    api = resolve.resolve(spec.load(ROOT / "spec"))
    assert diff.changes(api, resolve.resolve(spec.load(ROOT / "spec"))) == []


@pytest.mark.parametrize(
    ("version", "verdicts", "coming"),
    [
        ("0.3.1", [], "0.3.1"),
        ("0.3.1", [Verdict.SAYS], "0.3.2"),
        ("0.3.1", [Verdict.BEHAVES], "0.3.2"),
        ("0.3.1", [Verdict.BEHAVES, Verdict.ADDS], "0.4.0"),
        ("0.3.1", [Verdict.BREAKS], "0.4.0"),
        ("2.3.1", [Verdict.SAYS], "2.3.2"),
        ("2.3.1", [Verdict.BEHAVES], "2.4.0"),
        ("2.3.1", [Verdict.ADDS], "2.4.0"),
        ("2.3.1", [Verdict.BREAKS, Verdict.SAYS], "3.0.0"),
    ],
)
def test_the_next_version_is_the_least_that_may_follow(
    version: str, verdicts: list[Verdict], coming: str
) -> None:
    found = [Change(each, Where("x.yaml", 1), "x", "y") for each in verdicts]
    assert diff.next_version(version, found) == coming


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project with a release v0.1.0: the toy spec, and the hand-written code."""
    shutil.copytree(TOY, tmp_path / "spec")
    skip = shutil.ignore_patterns("__pycache__", "testing")
    shutil.copytree(ROOT / versions.RUNTIME, tmp_path / versions.RUNTIME, ignore=skip)
    (tmp_path / versions.SURFACES).mkdir()
    (tmp_path / versions.SURFACES / "tool.py").write_text("def work() -> None:\n    pass\n")
    (tmp_path / PACKAGE).mkdir(parents=True)
    for name in versions.CLIENTS:
        shutil.copy(ROOT / "generated/wecom_contact" / name, tmp_path / PACKAGE)
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "0.1.0"\n')
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "x")
    git(tmp_path, "tag", "v0.1.0")
    return tmp_path


def edit(path: Path, was: str, is_: str) -> None:
    text = path.read_text("utf-8")
    assert was in text
    path.write_text(text.replace(was, is_, 1), "utf-8")


def unsaid(root: Path, changelog: str) -> list[str]:
    """The names of what breaks since the last release and is not in the CHANGELOG."""
    release = versions.last_release(root)
    if release is None:
        return []
    found, _ = versions.compare(release, str(root), root)
    return [each.what for each in diff.untold(found, changelog)]


def test_every_break_since_the_last_release_stands_in_the_changelog() -> None:
    assert unsaid(ROOT, (ROOT / "CHANGELOG.md").read_text("utf-8")) == []


def test_a_break_that_the_changelog_does_not_name_is_found(project: Path) -> None:
    assert unsaid(project, "") == []
    edit(project / "spec/shop.yaml", "value: {type: str", "value: {type: int")
    assert unsaid(project, "## Unreleased\n\n## 0.1.0\n- `TextSign.value`\n") == ["TextSign.value"]
    assert unsaid(project, "## Unreleased\n- `TextSign.value` is a number.\n\n## 0.1.0\n") == []


def test_without_a_repository_there_is_no_last_release(tmp_path: Path) -> None:
    assert versions.last_release(tmp_path) is None
    git(tmp_path, "init", "-q")
    assert versions.last_release(tmp_path) is None


def test_the_last_release_is_the_highest_version(project: Path) -> None:
    for tag in ("v0.10.0", "v0.9.0", "very-old"):
        git(project, "tag", tag)
    assert versions.last_release(project) == "v0.10.0"


def test_hand_written_code_is_compared(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (project / PACKAGE / "__init__.py").open("a") as file:
        file.write("from . import retry as patience\n")  # another name for a public module
    assert __main__.main(["diff", "v0.1.0"], project) == 0
    assert capsys.readouterr().out == "nothing differs\n"
    runtime = project / versions.RUNTIME
    edit(runtime / "retry.py", "def of(cls, value", "def off(cls, value")
    (runtime / "limits.py").unlink()
    edit(project / versions.SURFACES / "tool.py", "def work", "def toil")
    edit(runtime / "errors.py", "seconds: float = 0.0", "seconds: float = 1.0")
    edit(
        runtime / "retry.py",
        "connect: float = field(default=5.0",
        "connect: float = field(default=6.0",
    )
    assert __main__.main(["diff", "v0.1.0"], project) == 1
    lines = [line.split(": ", 1) for line in capsys.readouterr().out.splitlines()[:-1]]
    assert [text for _, text in lines] == [
        "breaks: wecom_toy.limits is gone (module)",
        "breaks: wecom_toy.retry.Timeouts.of is gone (function)",
        "breaks: wecom_toy.tool.work is gone (function)",
        "behaves: wecom_toy.errors.Throttled.__init__(seconds) parameter default was changed",
        "behaves: wecom_toy.retry.Timeouts.connect attribute value was changed",
    ]
    assert [where.partition(":")[0] for where, _ in lines] == [
        "codegen/runtime/limits.py",
        "codegen/runtime/retry.py",
        "codegen/surfaces/tool.py",
        "codegen/runtime/errors.py",
        "codegen/runtime/retry.py",
    ]
    assert lines[0][0] == "codegen/runtime/limits.py:1 (old)"
    rows = (ROOT / versions.RUNTIME / "retry.py").read_text("utf-8").splitlines()
    number = next(n for n, row in enumerate(rows, 1) if "def of(cls, value" in row)
    # Its decorator is part of it.
    assert lines[1][0] == f"codegen/runtime/retry.py:{number - 1} (old)"


def test_what_is_exported_from_a_private_module_is_told_by_its_public_name_and_no_other_is(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    private = project / versions.RUNTIME / "_runtime"
    edit(private / "sync_driver.py", "def pages(", "def sheets(")
    edit(private / "sync_driver.py", "class Connections", "class Links")
    edit(private / "flow.py", "def whose(", "def who(")
    (private / "search.py").unlink()
    assert __main__.main(["diff", "v0.1.0"], project) == 1
    first, *others = capsys.readouterr().out.splitlines()
    assert first.endswith(" (old): breaks: wecom_toy.Pager.pages is gone (function)")
    assert [line for line in others if "breaks: " in line] == []


@pytest.mark.parametrize("lost", [versions.RUNTIME, PACKAGE])
def test_hand_written_code_is_compared_where_both_versions_have_all_of_it(
    lost: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(project / lost)
    for words in (["v0.1.0"], [str(project), "v0.1.0"]):
        assert __main__.main(["diff", *words], project) == 0
        assert "only the specs were compared" in capsys.readouterr().err


def test_a_client_that_goes_breaks(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(project / PACKAGE / "_client.py", "class Client", "class Customer")
    shutil.rmtree(project / versions.SURFACES)
    assert __main__.main(["diff", "v0.1.0"], project) == 1
    shown = capsys.readouterr().out
    assert "breaks: wecom_toy.Client is gone" in shown
    assert "breaks: wecom_toy.tool is gone (module)" in shown


def test_json_and_changelog(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(project / "spec/shop.yaml", "  close:", "  shut:")
    assert __main__.main(["diff", "v0.1.0", "--changelog"], project) == 1
    assert capsys.readouterr().out == (
        "### Breaks\n\n- `shop.close` is gone (call).\n\n### Adds\n\n- `shop.shut` is new (call).\n"
    )
    assert __main__.main(["diff", "v0.1.0", "--json"], project) == 1
    shown = json.loads(capsys.readouterr().out)
    assert (shown["version"], shown["next"]) == ("0.1.0", "0.2.0")
    line = (TOY / "shop.yaml").read_text("utf-8").splitlines().index("  close:") + 1
    first = shown["changes"][0]
    assert first.pop("line") == line
    assert first == {
        "class": "breaks", "file": "shop.yaml", "in": "old",
        "what": "shop.close", "text": "is gone (call)",
    }  # fmt: skip
    assert [(x["what"], x["in"]) for x in shown["changes"][1:]] == [("shop.shut", "new")]


def test_what_cannot_be_compared_is_said_in_one_sentence(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(*words: str) -> str:
        assert __main__.main(["diff", *words], project) == 2
        return capsys.readouterr().err

    assert said("nope") == "'nope' is neither a folder nor a git revision here\n"
    assert "no .yaml file here" in said(str(project / versions.RUNTIME))
    git(project, "rm", "-q", "-r", "--cached", "spec")
    git(project, "commit", "-q", "-m", "x")
    assert said("HEAD") == "revision 'HEAD' has no folder spec\n"
    edit(project / "spec/shop.yaml", "type: ShopKind", "type: ShopKid")
    assert said("v0.1.0").startswith(f"the spec of {project} cannot be read: shop.yaml:")
    assert "more)" not in said("v0.1.0")
    edit(project / "spec/shop.yaml", "type: SignSize", "type: SignSiz")
    assert said("v0.1.0").endswith(" (and 1 more)\n")
    edit(project / "spec/shop.yaml", "type: SignSiz,", "type: SignSize,")
    edit(project / "spec/shop.yaml", "type: ShopKid", "type: ShopKind")
    monkeypatch.setitem(sys.modules, "griffe", None)
    assert "pip install griffelib" in said("v0.1.0")
    assert __main__.main(["diff", str(TOY)], project) == 0
    assert "only the specs were compared" in capsys.readouterr().err
    monkeypatch.setenv("PATH", "")
    assert said("v0.1.0") == "git is not installed; give a folder instead of a revision\n"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("gen", "Write generated/ from spec/"),
        ("check", "Compare generated/ with"),
        ("lint", "Look for mistakes"),
        ("schema", "Print the JSON Schema"),
        ("diff", "Name what breaks"),
        ("scaffold", "Draft a call"),
    ],
)
def test_each_command_says_what_it_does(
    command: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="0"):
        __main__.main([command, "--help"])
    assert words in capsys.readouterr().out


def test_a_group_that_old_callers_satisfy_breaks_nothing(tmp_path: Path) -> None:
    shutil.copytree(TOY, tmp_path / "spec")
    edit(
        tmp_path / "spec/types.yaml",
        "fields:\n      title: {type: str,",
        "any_of: [title, text]\n    fields:\n      text?: {type: str, doc: T.}\n"
        "      title?: {type: str,",
    )
    assert sorted(told(TOY, tmp_path / "spec")) == [
        "adds: Link needs any_of text, title",
        "adds: Link.text is new (field)",
        "adds: Link.title was required and is optional",
    ]
    edit(tmp_path / "spec/types.yaml", "any_of: [title, text]", "one_of: [title, text]")
    assert "adds: Link needs one_of text, title" in told(TOY, tmp_path / "spec")


def test_a_group_with_what_old_callers_may_have_left_out_breaks(tmp_path: Path) -> None:
    shutil.copytree(TOY, tmp_path / "spec")
    edit(
        tmp_path / "spec/shop.yaml",
        "one_of: [owner, owners]",
        "one_of: [[owner, owners], [quiet, loud]]",
    )
    edit(
        tmp_path / "spec/shop.yaml",
        "    request:\n      kind:",
        "    request:\n      loud?: {type: bool, doc: L.}\n      kind:",
    )
    assert "breaks: shop.open needs one_of loud, quiet" in told(TOY, tmp_path / "spec")


def test_a_reply_that_a_call_did_not_have_is_added_and_a_type_that_moves_breaks(
    tmp_path: Path,
) -> None:
    shutil.copytree(TOY, tmp_path / "spec")
    shop, shared = tmp_path / "spec/shop.yaml", tmp_path / "spec/types.yaml"
    rest = "  Rest: {doc: What is left., fields: {names?: {type: [str], doc: The things.}}}\n"
    edit(shop, rest, "")
    shared.write_text(shared.read_text("utf-8") + rest, "utf-8")
    close = "    request: {shop_id: {type: ShopId, doc: The shop.}}\n  sell:"
    edit(
        shop, close, close.replace("  sell:", "    response: {left: {type: int, doc: L.}}\n  sell:")
    )
    assert told(TOY, tmp_path / "spec") == [
        "breaks: Rest was in shop and is in types",
        "adds: shop.close returned nothing and returns a reply",
    ]


def test_what_is_called_as_a_resource_and_is_none_is_compared(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tool = project / versions.SURFACES / "tool.py"
    edit(tool, "def work", "def shop")
    git(project, "commit", "-qam", "x")
    edit(tool, "def shop", "def work")
    assert __main__.main(["diff", "HEAD"], project) == 1
    assert "breaks: wecom_toy.tool.shop is gone (function)" in capsys.readouterr().out


def test_an_argument_that_goes_breaks_and_a_resource_is_left_to_the_spec(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client = project / PACKAGE / "_client.py"
    git(project, "mv", "spec/shop.yaml", "spec/welcome.yaml")
    git(project, "commit", "-qam", "x")
    edit(client, "def welcome(", "def salute(")
    edit(
        project / versions.RUNTIME / "errors.py", "def __init__(self, ", "def __init__(self, new, "
    )
    edit(project / versions.RUNTIME / "errors.py", ", seconds: float = 0.0", "")
    (project / PACKAGE / "_async_client.py").unlink()
    assert __main__.main(["diff", "HEAD"], project) == 1
    shown = capsys.readouterr().out
    assert "Client.welcome" not in shown
    assert "(new) parameter was added as required" in shown
    assert "errors.Throttled.__init__(seconds) parameter was removed" in shown
    assert "codegen/runtime/errors.py:" in shown
    assert "breaks: wecom_toy.AsyncClient is gone (class)" in shown


def test_a_new_resource_is_told_by_its_calls(tmp_path: Path) -> None:
    shutil.copytree(TOY, tmp_path / "spec")
    (tmp_path / "spec/stall.yaml").write_text(
        "title: 摊\ndoc: Stalls.\nlink: 1\ncalls:\n  open:\n    title: 开\n    doc: Open.\n"
        "    link: 2\n    call: POST /cgi-bin/stall/open\n",
        "utf-8",
    )
    assert told(TOY, tmp_path / "spec") == ["adds: stall.open is new (call)"]
    assert told(tmp_path / "spec", TOY) == ["breaks: stall.open is gone (call)"]
