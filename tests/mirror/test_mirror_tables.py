"""The database itself: versions, what it keeps, what is asked of it daily, and what goes out of it."""

import csv
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
import wecom_contact.mirror as package
from sqlalchemy import create_engine, inspect
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool
from wecom_contact import BEIJING, Client, codec
from wecom_contact.customer import CustomerBatchGetResult, CustomerGetResult
from wecom_contact.group_chat import GroupChatGetResult
from wecom_contact.mirror import Mirror, MirrorError, _database, _tables
from wecom_contact.mirror._rows import rows_of_customer, rows_of_group, rows_of_page
from wecom_contact.testing import Simulator

from .mirror_support import ask, expected, fill, found

Make = Callable[..., Mirror]
NIGHT = int(datetime(2026, 11, 1, 1, tzinfo=BEIJING).timestamp())


def test_opening_it_again_changes_nothing(corp: Simulator, db: str, make: Make) -> None:
    fill(corp, 10, members=3)
    mirror = make(db)
    mirror.sync()
    before = found(mirror)
    again = make(db)
    assert found(again) == before
    names = set(inspect(again.engine).get_table_names())
    assert names == _tables.metadata.tables.keys()
    assert set(inspect(again.engine).get_view_names()) == set(_tables.VIEWS)


def test_an_older_database_is_brought_up_to_date(
    corp: Simulator, db: str, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(corp, 10, members=3)
    mirror = make(db)
    mirror.sync()
    before = found(mirror)
    monkeypatch.setattr(_tables, "VERSION", 3)
    upgrades = {
        1: ["ALTER TABLE members ADD COLUMN nickname VARCHAR(20)"],
        2: ["UPDATE members SET nickname = 'x'"],
    }
    monkeypatch.setattr(_tables, "UPGRADES", upgrades)
    newer = make(db)
    assert found(newer) == before
    assert {row[0] for row in ask(newer, "SELECT nickname FROM members")} == {"x"}
    assert ask(newer, "SELECT version FROM mirror_state WHERE name = 'schema'") == [(3,)]
    assert ask(newer, "SELECT count(*) FROM new_customers")
    make(db)
    monkeypatch.undo()
    with pytest.raises(
        MirrorError, match="made by a newer mirror .version 3.*pip install --upgrade"
    ):
        make(db)


def test_making_the_tables_that_was_broken_off_goes_on(db: str, make: Make) -> None:
    engine = create_engine(db)
    _tables.state.create(engine)
    _tables.members.create(engine)
    engine.dispose()
    assert make(db).status().rows["customers"] == 0


def test_a_database_of_something_else_is_left_alone(db: str, make: Make) -> None:
    engine = create_engine(db)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE tags (name VARCHAR(20))")
    with pytest.raises(MirrorError, match="a table tags that is not the mirror's"):
        make(db)
    assert inspect(engine).get_table_names() == ["tags"]
    engine.dispose()


def test_who_makes_the_tables_at_the_same_time_is_waited_for(
    file: str, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []
    upgrade = _tables.upgrade

    def late(connection: Any) -> None:
        tried.append(1)
        if len(tried) < 3:
            raise OperationalError("CREATE TABLE", {}, Exception("already exists"))
        upgrade(connection)

    monkeypatch.setattr(_tables, "upgrade", late)
    make(file)
    assert len(tried) == 3
    monkeypatch.setattr(_tables, "upgrade", lambda connection: late(tried.clear()))
    with pytest.raises(OperationalError):
        make(f"{file}.other")


def test_what_is_unknown_is_kept() -> None:
    follow = {"userid": "zhangsan", "createtime": NIGHT, "add_way": 99, "new": {"a": [1]}}
    customer = {"external_userid": "wm1", "name": "李四\0", "type": 1, "newer": "x"}
    page = codec.structure(
        {
            "external_contact_list": [
                {"external_contact": customer, "follow_info": follow, "newest": True}
            ]
        },
        CustomerBatchGetResult,
    )
    read = rows_of_page(page.external_contact_list)
    assert read.customers["wm1"]["extra"] == {"newer": "x"}
    assert read.follows["zhangsan", "wm1"]["extra"] == {"new": {"a": [1]}, "newest": True}
    assert read.follows["zhangsan", "wm1"]["add_way"] == 99
    whole = codec.structure(
        {
            "external_contact": customer,
            "follow_user": [{**follow, "tags": [{"tag_name": "个人", "type": 2, "colour": "red"}]}],
        },
        CustomerGetResult,
    )
    row = rows_of_customer([whole]).follows["zhangsan", "wm1"]
    assert row["extra"]["new"] == {"a": [1]}
    assert row["extra"]["tags"][0]["colour"] == "red"
    group = codec.structure(
        {
            "group_chat": {
                "chat_id": "wr1",
                "create_time": NIGHT,
                "admin_list": [{"userid": "zhangsan", "rank": 1}],
                "member_list": [
                    {"userid": "wm1", "join_time": NIGHT, "invitor": {"userid": "a", "b": 1}}
                ],
            }
        },
        GroupChatGetResult,
    ).group_chat
    row, people = rows_of_group(group)
    assert row["admins"] == ["zhangsan"]
    assert row["extra"] == {"admin_list": [{"userid": "zhangsan", "rank": 1}]}
    assert people[0]["extra"] == {"invitor": [{"userid": "a", "b": 1}]}


def test_odd_texts_and_ids_are_stored_as_they_are(corp: Simulator, db: str, make: Make) -> None:
    zhang = corp.add_member("ZhangSan")
    small = corp.add_member("zhangsan2")
    # WeCom's ids differ in case alone.
    for number, external_userid in enumerate(("wmAAAA", "wmaaaa", "wmAaAa")):
        corp.add_customer(f"客户{number} 🌙", follow=zhang, external_userid=external_userid)
    corp.add_customer("x" * 1000, follow=small, remark="=1+1", description="a'b\"c%d:e\\f\n")
    odd = corp.add_customer("with \0 in it", follow=small, remark="with \0 in it")
    mirror = make(db)
    mirror.sync()
    rows = found(mirror)
    name, *_ = rows["customers"].pop(odd.external_userid)
    assert name == "with \ufffd in it"
    remark, *_ = rows["follows"].pop((small.userid, odd.external_userid))
    assert remark == "with \ufffd in it"
    wanted = expected(corp)
    del wanted["customers"][odd.external_userid]
    del wanted["follows"][small.userid, odd.external_userid]
    assert rows == wanted
    assert not mirror.sync().differs


def test_an_event_of_an_app_that_sees_little(corp: Simulator, db: str, make: Make) -> None:
    fill(corp, 20, members=3, groups=2)
    corp.manner.sparse_replies = True
    mirror = make(db)
    mirror.sync()
    assert {row[0] for row in ask(mirror, "SELECT unionid FROM customers")} == {None}
    assert mirror.status().rows["follows"] == len(expected(corp)["follows"])
    assert not mirror.sync().differs


def test_the_views_answer_what_is_asked_daily(corp: Simulator, db: str) -> None:
    zhang, li = corp.add_member("zhangsan"), corp.add_member("lisi")
    corp.add_tag_group("等级", ["VIP", "普通"])
    poster = corp.add_customer("海报", follow=[zhang, li], state="poster", when=NIGHT)
    card = corp.add_customer("名片", follow=zhang, add_way=3, tags=["VIP"], when=NIGHT + 1)
    odd = corp.add_customer("新方式", follow=zhang, add_way=99, tags=["VIP"], when=NIGHT - 7200)
    gone = corp.add_customer("走了", follow=zhang, state="poster", when=NIGHT)
    corp.add_group_chat("有人管", zhang)
    alone = corp.add_group_chat("没人管", li)
    # Not the strict one: a way nobody knows yet is to be stored, too.
    wecom = corp.client()
    mirror = Mirror(db, wecom)
    mirror.sync()
    corp.part(corp.follow(zhang, gone))
    corp.resign(li)
    mirror.sync()

    new = ask(
        mirror, "SELECT day, channel, customers, still_there FROM new_customers ORDER BY 1, 2"
    )
    assert [(str(row[0]), *row[1:]) for row in new] == [
        ("2026-10-31", "way 99", 1, 1),
        ("2026-11-01", "poster", 2, 1),
        ("2026-11-01", "share_card", 1, 1),
    ]
    per_tag = ask(mirror, "SELECT tag_group, tag, customers FROM customers_per_tag ORDER BY 3")
    assert per_tag == [("等级", "普通", 0), ("等级", "VIP", 2)]
    without = ask(mirror, "SELECT userid, external_userid, name FROM follows_without_tag")
    assert without == [("zhangsan", poster.external_userid, "海报")]
    ownerless = ask(mirror, "SELECT chat_id, owner, status FROM groups_without_owner")
    assert ownerless == [(alone.chat_id, "lisi", 1)]
    now = ask(mirror, "SELECT external_userid, channel FROM current_customers")
    assert dict(now) == {
        poster.external_userid: "poster",
        card.external_userid: "share_card",
        odd.external_userid: "way 99",
    }
    mirror.close()
    wecom.close()


# Out of the database.


def test_a_table_goes_into_a_file_of_any_kind(
    corp: Simulator, db: str, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wecom_contact.mirror._export.BATCH", 7)
    staff = fill(corp, 20, members=3, groups=2)
    corp.add_customer("=cmd|' /C calc'!A0", follow=staff[0], when=NIGHT, mobiles=["138"])
    mirror = make(db)
    mirror.sync()
    count = len(expected(corp)["follows"])
    for suffix in (".csv", ".jsonl", ".parquet"):
        assert mirror.export(tmp_path / f"follows{suffix}") == count
    raw = (tmp_path / "follows.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfuserid,external_userid,")  # by which Excel knows UTF-8
    with (tmp_path / "follows.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {
            row["external_userid"]: row
            for row in csv.DictReader(file)
            if row["userid"] == staff[0].userid
        }
    lines = [
        json.loads(line) for line in (tmp_path / "follows.jsonl").read_text("utf-8").splitlines()
    ]
    table = pyarrow.parquet.read_table(tmp_path / "follows.parquet")
    assert len(lines) == table.num_rows == count
    assert table.column_names == list(lines[0]) == list(next(iter(rows.values())))
    assert not {"digest", "standing_at"} & set(table.column_names)
    assert str(table.schema.field("added_at").type) == "timestamp[us, tz=Asia/Shanghai]"
    assert str(table.schema.field("added_on").type) == "date32[day]"
    assert str(table.schema.field("add_way").type) == "int64"

    dangerous = next(row for row in rows.values() if "calc" in row["remark"])
    # A customer's name does not become a formula.
    assert dangerous["remark"] == "'=cmd|' /C calc'!A0"
    assert (dangerous["added_at"], dangerous["added_on"]) == ("2026-11-01 01:00:00", "2026-11-01")
    assert dangerous["remark_mobiles"] == '["138"]'
    line = next(row for row in lines if "calc" in (row["remark"] or ""))
    assert line["added_at"] == "2026-11-01T01:00:00+08:00"
    assert (line["remark"], line["remark_mobiles"]) == ("=cmd|' /C calc'!A0", ["138"])
    found_row = next(row for row in table.to_pylist() if "calc" in row["remark"])
    assert found_row["added_at"] == datetime(2026, 10, 31, 17, tzinfo=UTC)
    assert str(found_row["added_on"]) == "2026-11-01"
    assert json.loads(found_row["remark_mobiles"]) == ["138"]


@pytest.mark.parametrize("name", [*_tables.TABLES, *_tables.VIEWS])
def test_every_table_and_view_can_be_exported(
    name: str, corp: Simulator, file: str, make: Make, tmp_path: Path
) -> None:
    fill(corp, 30, members=4, groups=2)
    corp.resign("lisi")
    mirror = make(file)
    mirror.sync()
    ((count,),) = ask(mirror, f"SELECT count(*) FROM {name}")
    for suffix in (".csv", ".jsonl", ".parquet"):
        assert mirror.export(tmp_path / f"x{suffix}", name) == count
        assert (tmp_path / f"x{suffix}").stat().st_size


def test_an_export_that_fails_leaves_what_was_there(
    file: str, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = make(file)
    (tmp_path / "customers.csv").write_text("old")
    with pytest.raises(MirrorError, match="customers.xls: a name that ends with .parquet, .csv"):
        mirror.export(tmp_path / "customers.xls")
    with pytest.raises(MirrorError, match="clients: one of members, customers"):
        mirror.export(tmp_path / "clients.csv")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r'pip install "wecom-contact\[export\]"'):
        mirror.export(tmp_path / "customers.parquet")

    def broken(*_: object) -> int:
        raise OSError("disk full")

    monkeypatch.setitem(
        sys.modules["wecom_contact.mirror._export"].WRITERS,
        ".csv",
        broken,
    )
    with pytest.raises(OSError, match="disk full"):
        mirror.export(tmp_path / "customers.csv")
    assert [path.name for path in tmp_path.glob("*customers*")] == ["customers.csv"]
    assert (tmp_path / "customers.csv").read_text() == "old"


# Opening it.


@pytest.mark.parametrize(
    "url", ["crm.db", "foo://x", "sqlite:", "sqlite+foo:///x", "", "oracle://u:hunter2@h/d"]
)
def test_an_url_of_no_database_of_ours_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(MirrorError, match=r"sqlite:///crm\.db") as caught:
        Mirror(url)
    assert "hunter2" not in str(caught.value)


def test_a_missing_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ImportError, match=r"pip install 'psycopg\[binary\]'"):
        Mirror("postgresql+psycopg://u@h/d")
    monkeypatch.setitem(sys.modules, "pymysql", None)
    with pytest.raises(ImportError, match="pip install 'PyMySQL'"):
        Mirror("mysql+pymysql://u@h/d")


def test_an_engine_of_ones_own_is_used_and_not_closed(
    corp: Simulator, wecom: Client, file: str
) -> None:
    fill(corp, 10, members=3)
    engine = create_engine(file, poolclass=NullPool)
    with Mirror(engine, wecom) as mirror:
        assert mirror.engine is engine
        mirror.sync()
        assert found(mirror) == expected(corp)
    other = create_engine("sqlite://")
    other.dialect.name = "mssql"
    with pytest.raises(MirrorError, match="mssql is not a database the mirror knows"):
        Mirror(other)


def test_a_database_in_memory_is_one_for_all_threads(corp: Simulator, make: Make) -> None:
    fill(corp, 150, members=4, groups=10)
    mirror = make("sqlite://")
    mirror.sync()
    assert found(mirror) == expected(corp)


def test_a_mirror_shows_itself_without_its_password(postgres_server: str) -> None:
    url = postgres_server.replace("mirror@", "mirror:hunter2@")
    with Mirror(url) as mirror:
        assert "hunter2" not in repr(mirror)
        assert repr(mirror).startswith("<Mirror postgresql+psycopg://mirror:***@")


def test_what_others_are_in_the_way_of_is_tried_again(
    file: str, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make(file)._store
    monkeypatch.setattr("wecom_contact.mirror._database.time.sleep", lambda seconds: None)

    class Origin(Exception):
        sqlstate = "40P01"

    def failing(times: int, error: Exception) -> Callable[[Any], str]:
        tried: list[int] = []

        def work(connection: Any) -> str:
            tried.append(1)
            if len(tried) <= times:
                raise OperationalError("UPDATE", {}, error)
            return f"after {len(tried)}"

        return work

    for error in (Origin(), Exception(1213, "deadlock"), Exception("database is locked")):
        assert store.write(failing(3, error)) == "after 4"
    with pytest.raises(OperationalError):
        store.write(failing(99, Origin()))
    with pytest.raises(DBAPIError):
        store.write(failing(1, Exception("syntax error")))
    with pytest.raises(DBAPIError):
        store.write(failing(1, Exception()))


def test_the_clock_is_the_databases(db: str, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    store = make(db)._store
    real = datetime.now(UTC).timestamp()
    if not db.startswith("sqlite"):
        # A machine whose clock is an hour ahead.
        monkeypatch.setattr(_database.time, "time", lambda: real + 3600)
    assert abs(store.now().timestamp() - real) < 60
    assert store.now() <= store.now()


def test_without_sqlalchemy_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str, home: str) -> Any:
        raise ModuleNotFoundError("no", name="sqlalchemy.engine")

    assert "AsyncMirror" in dir(package)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = package.nothing
    monkeypatch.setattr(package, "import_module", missing)
    monkeypatch.delitem(package.__dict__, "Status", raising=False)
    with pytest.raises(
        ImportError, match=r'needs SQLAlchemy: pip install "wecom-contact\[mirror\]"'
    ):
        _ = package.Status


def test_a_broken_sqlalchemy_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str, home: str) -> Any:
        raise ModuleNotFoundError("no", name="greenlet_of_something")

    monkeypatch.setattr(package, "import_module", broken)
    monkeypatch.delitem(package.__dict__, "Status", raising=False)
    with pytest.raises(ModuleNotFoundError):
        _ = package.Status
