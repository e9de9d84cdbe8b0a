"""What the office keeps: who may serve customers, the product album, the words nobody may say.

Hand-written: edit codegen/surfaces/testing/_calls/office.py.
"""

from .._answers import Ask, answers
from .._pages import paged
from .._refusals import Refusal
from .._things import Data, InterceptRule, Product


@answers("follow_user.list")
def list_follow_users(ask: Ask) -> Data:
    return {"follow_user": [each.userid for each in ask.corp.serving() if ask.sees(each.userid)]}


@answers("follow_user.check")
def check_follow_users(ask: Ask) -> Data:
    corp = ask.corp
    serving = {member.userid for member in corp.serving() if ask.sees(member.userid)}
    users, parties = ask.get("userid", []), ask.get("partyid", [])
    good_users = [each for each in users if each in serving]
    good_parties = [
        each
        for each in parties
        if each in corp.departments and any(m.userid in serving for m in corp.within([each]))
    ]
    scopes = {
        "authorized": {"userid": good_users, "partyid": good_parties},
        "unauthorized": {
            "userid": [each for each in users if each not in good_users],
            "partyid": [each for each in parties if each not in good_parties],
        },
    }
    # What is empty is not there.
    shown = {
        name: {key: ids for key, ids in scope.items() if ids} for name, scope in scopes.items()
    }
    return {name: scope for name, scope in shown.items() if scope}


def product_of(ask: Ask, mine: bool = False) -> Product:
    product = ask.corp.products.get(ask["product_id"])
    if product is None or (mine and product.app != ask.app):
        raise Refusal(41075)
    if product.deleted:
        raise Refusal(41074)
    return product


def show_product(product: Product) -> Data:
    shown: Data = {
        "product_id": product.product_id,
        "description": product.description,
        "price": product.price,
        "attachments": product.attachments,
    }
    return shown if product.product_sn is None else {**shown, "product_sn": product.product_sn}


def check_product(ask: Ask) -> None:
    serial = ask.get("product_sn")
    if serial and not (serial.isascii() and serial.isalnum()):
        raise Refusal(41085)
    if ask.get("description") is not None and not ask["description"].strip():
        raise Refusal(41087)
    if ask.get("attachments") == []:
        raise Refusal(41088)
    ask.corp.checked(ask.get("attachments", []), tag="type", use=2)


@answers("product_album.add")
def add_product(ask: Ask) -> Data:
    check_product(ask)
    product = ask.corp.keep_product(
        ask.app, ask["description"], ask["price"], ask.get("product_sn"), ask["attachments"]
    )
    return {"product_id": product.product_id}


@answers("product_album.get")
def get_product(ask: Ask) -> Data:
    product = product_of(ask)
    shown = {**show_product(product), "create_time": product.create_time}
    return {"product": ask.corp.with_live_media(shown)}


@answers("product_album.list")
def list_products(ask: Ask) -> Data:
    found = [each for each in ask.corp.products.values() if not each.deleted]
    shown, end = paged(ask.name, ask.data, found, show_product)
    return {"product_list": ask.corp.with_live_media(shown), **end}


@answers("product_album.update")
def update_product(ask: Ask) -> None:
    product = product_of(ask, mine=True)
    check_product(ask)
    product.description = ask.get("description", product.description)
    product.price = ask.get("price", product.price)
    product.product_sn = ask.get("product_sn", product.product_sn)
    product.attachments = ask.get("attachments", product.attachments)


@answers("product_album.delete")
def delete_product(ask: Ask) -> None:
    product_of(ask, mine=True).deleted = True


def rule_of(ask: Ask, mine: bool = False) -> InterceptRule:
    rule = ask.corp.intercept_rules.get(ask["rule_id"])
    if rule is None or (mine and rule.app != ask.app):
        raise Refusal(41070)
    if rule.deleted:
        raise Refusal(41071)
    return rule


def check_name(ask: Ask, name: str, own: InterceptRule | None) -> None:
    for rule in ask.corp.intercept_rules.values():
        if rule is not own and not rule.deleted and rule.name == name:
            raise Refusal(41077)


def check_reach(ask: Ask, reach: Data) -> tuple[list[str], list[int]]:
    users, parties = reach.get("user_list") or [], reach.get("department_list") or []
    if not users and not parties:
        raise Refusal(40058, "user_list and department_list are both empty")
    for each in users:
        ask.corp.member_of(each)
    ask.corp.check_departments(parties)
    return list(dict.fromkeys(users)), list(dict.fromkeys(parties))


@answers("intercept_rule.add")
def add_rule(ask: Ask) -> Data:
    corp = ask.corp
    there = sum(not each.deleted for each in corp.intercept_rules.values())
    if corp.limits.quotas and there >= corp.limits.intercept_rules:
        raise Refusal(41069)
    check_name(ask, ask["rule_name"], None)
    users, parties = check_reach(ask, ask["applicable_range"])
    rule = corp.keep_rule(
        ask.app,
        ask["rule_name"],
        ask["word_list"],
        # At the top here, under extra_rule elsewhere.
        ask.get("semantics_list", []),
        ask["intercept_type"],
        users,
        parties,
    )
    return {"rule_id": rule.rule_id}


@answers("intercept_rule.list")
def list_rules(ask: Ask) -> Data:
    return {
        "rule_list": [
            {
                "rule_id": rule.rule_id,
                "rule_name": rule.name,
                "create_time": rule.create_time,
            }
            for rule in ask.corp.intercept_rules.values()
            if not rule.deleted
        ]
    }


@answers("intercept_rule.get")
def get_rule(ask: Ask) -> Data:
    rule = rule_of(ask)
    parties = set(rule.parties) if ask.sight is None else ask.sight.departments
    return {
        "rule": {
            "rule_id": rule.rule_id,
            "rule_name": rule.name,
            "word_list": rule.words,
            "extra_rule": {"semantics_list": rule.semantics},
            "intercept_type": rule.type,
            # Only what the app sees of it.
            "applicable_range": {
                "user_list": [each for each in rule.users if ask.sees(each)],
                "department_list": [each for each in rule.parties if each in parties],
            },
            "create_time": rule.create_time,
        }
    }


@answers("intercept_rule.update")
def update_rule(ask: Ask) -> None:
    rule = rule_of(ask, mine=True)
    if ask.get("rule_name") is not None:
        check_name(ask, ask["rule_name"], rule)
    more = ask.get("add_applicable_range")
    less = ask.get("remove_applicable_range")
    add_users, add_parties = ([], []) if more is None else check_reach(ask, more)
    off_users, off_parties = ([], []) if less is None else check_reach(ask, less)
    users = [each for each in dict.fromkeys([*rule.users, *add_users]) if each not in off_users]
    if len(users) > 10_000:
        raise Refusal(41076)
    rule.users = users
    rule.parties = [
        each for each in dict.fromkeys([*rule.parties, *add_parties]) if each not in off_parties
    ]
    rule.name = ask.get("rule_name", rule.name)
    # An empty list of words changes nothing, an empty list of semantics clears them.
    rule.words = ask.get("word_list") or rule.words
    if ask.get("extra_rule") is not None:
        rule.semantics = ask["extra_rule"].get("semantics_list", rule.semantics)
    rule.type = ask.get("intercept_type", rule.type)


@answers("intercept_rule.delete")
def delete_rule(ask: Ask) -> None:
    rule_of(ask, mine=True).deleted = True
