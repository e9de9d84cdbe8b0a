"""`docs/migrating.md`: whoever comes from another SDK finds each of its calls, and the call that is meant."""

import re
from pathlib import Path

import pytest
import yaml
from wecom_contact import catalog

ROOT = Path(__file__).parent.parent
GUIDES = [ROOT / "docs" / "migrating.md", ROOT / "docs" / "zh" / "migrating.md"]
PEERS: dict[str, dict[str, str]] = yaml.safe_load(
    (ROOT / "tests" / "peers.yaml").read_text("utf-8")
)
OURS = {endpoint.path: name for name, endpoint in catalog.CALLS.items()}
OUR_COLUMN = "wecom-contact"

Row = dict[str, list[str]]


def names_in(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def rows(guide: Path) -> list[Row]:
    """The rows of the tables of calls: for each SDK the names in its cell."""
    found: list[Row] = []
    columns: list[str] = []
    for line in guide.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if OUR_COLUMN in cells:
            columns = cells
        elif not cells:
            columns = []
        elif columns and cells[0] != "---":
            row = dict(zip(columns, map(names_in, cells), strict=True))
            found.append({name: row[name] for name in row if name in (*PEERS, OUR_COLUMN)})
    return found


@pytest.mark.parametrize("guide", GUIDES, ids=["en", "zh"])
def test_every_call_of_the_other_sdks_has_its_place(guide: Path) -> None:
    places = {
        (peer, name): row[OUR_COLUMN]
        for row in rows(guide)
        for peer in row.keys() & PEERS.keys()
        for name in row[peer]
    }
    assert places.keys() == {(peer, name) for peer, calls in PEERS.items() for name in calls}
    for (peer, name), calls in places.items():
        path = PEERS[peer][name]
        if path in OURS:
            assert calls == [OURS[path]], name
        else:  # WeCom has retired it, and has others now
            assert calls, name
            assert catalog.CALLS.keys() >= set(calls), name


@pytest.mark.parametrize("guide", GUIDES, ids=["en", "zh"])
def test_a_call_stands_in_one_row_of_a_table(guide: Path) -> None:
    for peer in PEERS:
        listed = [name for row in rows(guide) for name in row.get(peer, [])]
        assert len(listed) == len(set(listed))


def test_the_tables_are_the_same_in_chinese() -> None:
    english, chinese = map(rows, GUIDES)
    assert english == chinese
    assert len(english) > 100


@pytest.mark.parametrize("guide", GUIDES, ids=["en", "zh"])
def test_the_class_of_an_event_is_the_one_that_is_said(guide: Path) -> None:
    family, said = "", []
    for cells in re.findall(r"^\| (`\w+`)? ?\| `(\w+)` \| `(\w+)`", guide.read_text("utf-8"), re.M):
        family = cells[0].strip("`") or family
        said.append(((family, cells[1]), cells[2]))
    assert len(said) > 12
    for key, name in said:
        assert catalog.EVENTS[key].__name__ == name
