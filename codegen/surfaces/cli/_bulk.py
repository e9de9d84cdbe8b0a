"""`--each`: one call for each row of a file, several at once, and none of them twice.

A journal beside the rows tells what was begun and what came of it, a line each, written before and after the call. A
run that is interrupted, by Ctrl-C or by a power cut, goes on from it: rows that are done are left out, and so are those
whose outcome nobody knows, for they may have been done. Those are named among the failures.

Hand-written: edit codegen/surfaces/cli/_bulk.py.
"""

import csv
import hashlib
import io
import json
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import click
from attrs import frozen

from .. import MemoryLimiter
from ..errors import (
    InvalidCredential,
    ProtocolError,
    TransportError,
    WeComError,
)
from ._call import Asked, loaded, plan
from ._failures import INTERRUPTED, USAGE, Failure, in_words
from ._flags import dest, gather, merged
from ._output import compact
from ._session import Session, say

if TYPE_CHECKING:
    from ..reference import Call
    from ._flags import Place

State: TypeAlias = Literal["begun", "done", "failed", "unknown"]

SOME_FAILED = 11
OURS = ("#row", "#state", "#error")
"""The columns that a file of failures has besides those of the rows."""
SEPARATOR = ";"
"""Between the values of a list in one cell."""


@frozen
class Row:
    """A row of the file."""

    number: int
    """Its line among the rows, from 1."""
    cells: Mapping[str, Any]
    """As it stands in the file."""
    data: Mapping[str, Any]
    """What is sent."""

    @property
    def mark(self) -> str:
        """Tells whether the row is still the same."""
        return hashlib.sha256(compact(self.data).encode()).hexdigest()[:16]


class Journal:
    """What was begun, and what came of it; a line for each."""

    def __init__(self, path: Path, call: str) -> None:
        self.path = path
        self.states: dict[int, tuple[State, str]] = {}
        """What is known of a row, and its mark."""
        self.errors: dict[int, str] = {}
        self._lock = threading.Lock()
        if path.exists():
            self._read(call)
        self._file = path.open("a", encoding="utf-8")
        if not self.states and path.stat().st_size == 0:
            self._write({"call": call})

    def _read(self, call: str) -> None:
        for number, line in enumerate(self.path.read_text("utf-8").splitlines(), 1):
            try:
                entry = json.loads(line)
                if number == 1:
                    if entry["call"] != call:
                        words = say(
                            "{file}: is of {other}, not of {call}",
                            file=self.path,
                            other=entry["call"],
                            call=call,
                        )
                        raise Failure(words, say("give another `--resume FILE`"), USAGE)
                    continue
                self.states[entry["row"]] = (entry["state"], entry["mark"])
                self.errors[entry["row"]] = entry.get("error", "")
            except (ValueError, KeyError, TypeError):
                # The last line may be cut off: its call was not begun, or its outcome is not known.
                continue

    def note(self, row: Row, state: State, error: str = "") -> None:
        """Write down what is known of a row, and be sure that it is written."""
        entry = {"row": row.number, "mark": row.mark, "state": state}
        with self._lock:
            self.states[row.number] = (state, row.mark)
            self.errors[row.number] = error
            self._write(entry | ({"error": error} if error else {}))

    def _write(self, entry: Mapping[str, Any]) -> None:
        self._file.write(compact(entry) + "\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def run_each(
    session: Session,
    known: "Call",
    flags: Sequence["Place"],
    asked: Asked,
    fixed: Mapping[str, Any],
) -> int:
    """Make one call for each row; the exit status says whether all were done."""
    assert asked.each is not None
    rows = list(read_rows(session, flags, asked.each, fixed))
    messages = {row.number: checked(known, row) for row in rows}
    if asked.dry_run:
        for row in rows:
            click.echo(compact(plan(known, messages[row.number])))
        return 0
    journal_path = Path(asked.resume or beside(asked.each, ".resume.jsonl"))
    failures_path = Path(asked.failures or beside(asked.each, ".failed.csv"))
    if asked.resume is None and journal_path.exists():
        way = f"--resume {journal_path}"
        hint = say("{way} goes on from it; delete it to begin again", way=way)
        raise Failure(say("{file} is there: this was begun before", file=journal_path), hint, USAGE)
    if not known.readonly:
        question = say(
            "{does}, {count} times ({corp_id})?",
            does=known.doc.rstrip(".。"),
            count=len(rows),
            corp_id=session.account().corp_id,
        )
        session.confirm(question, asked.yes)
    journal = Journal(journal_path, known.name)
    try:
        todo = left(rows, journal)
        interrupted = send_all(session, known, todo, messages, asked, journal)
    finally:
        journal.close()
    return report(rows, journal, failures_path, interrupted)


def beside(rows: str, ending: str) -> str:
    """A file beside the rows, or here if they come from standard input."""
    return f"{'stdin' if rows == '-' else rows}{ending}"


def read_rows(
    session: Session, flags: Sequence["Place"], name: str, fixed: Mapping[str, Any]
) -> Iterator[Row]:
    """The rows of a file: CSV, or JSON lines if its first line is an object."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise click.BadParameter(f"{name}: {why}", param_hint="--each") from None
    text = text.removeprefix("\ufeff")
    if text.lstrip().startswith("{"):
        yield from json_rows(name, text, fixed)
    else:
        yield from csv_rows(session, flags, name, text, fixed)


def json_rows(name: str, text: str, fixed: Mapping[str, Any]) -> Iterator[Row]:
    """Rows out of JSON lines: the call's data as WeCom has it."""
    for number, line in enumerate((line for line in text.splitlines() if line.strip()), 1):
        try:
            cells = json.loads(line)
        except ValueError as error:
            words = say("is not JSON: {fault}", fault=error)
            raise in_row(number, words, name) from None
        if not isinstance(cells, dict):
            raise in_row(number, say("is not a JSON object"), name)
        yield Row(number, cells, merged(fixed, cells))


def csv_rows(
    session: Session, flags: Sequence["Place"], name: str, text: str, fixed: Mapping[str, Any]
) -> Iterator[Row]:
    """Rows out of CSV: its columns are the flags of the call; an empty cell says nothing."""
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    known = {place.flag.removeprefix("--"): place for place in flags}
    columns = [column for column in reader.fieldnames or [] if column not in OURS]
    if strange := [column for column in columns if column not in known]:
        words = say(
            "{file}: the call has no flag for the column {columns}",
            file=name,
            columns=", ".join(map(repr, strange)),
        )
        raise Failure(words, say("it has: {names}", names=", ".join(known)), USAGE)
    try:
        for number, cells in enumerate(reader, 1):
            if None in cells:
                raise in_row(number, say("has more cells than there are columns"), name)
            given = {
                dest(known[column]): split(known[column], cells[column])
                for column in columns
                if cells[column]
            }
            try:
                data = gather(session.book, flags, given)
            except click.UsageError as error:
                raise in_row(number, error.format_message(), name) from None
            yield Row(number, {column: cells[column] for column in columns}, merged(fixed, data))
    except csv.Error as error:
        place = say("{file}: line {number}", file=name, number=reader.reader.line_num)
        raise Failure(f"{place}: {error}", status=USAGE) from None


def in_row(number: int, words: str, file: str = "", hint: str = "") -> Failure:
    """What is wrong with a row, and of which file where there may be several."""
    row = say("row {number}", number=number)
    return Failure(": ".join([*([file] if file else []), row, words]), hint, USAGE)


def split(place: "Place", cell: str) -> Any:
    """A cell as a flag has it: a list is one of JSON, or its values with semicolons between."""
    if not place.field.many:
        return cell
    if cell.lstrip().startswith("["):
        return (cell,)
    return tuple(part.strip() for part in cell.split(SEPARATOR) if part.strip())


def checked(known: "Call", row: Row) -> Any:
    """The call of a row; one that cannot be sent is told before the first is."""
    try:
        return loaded(known, row.data)
    except Failure as error:
        raise in_row(row.number, error.message, hint=say("nothing was sent")) from None


def left(rows: Sequence[Row], journal: Journal) -> list[Row]:
    """The rows that are still to be sent."""
    todo = []
    for row in rows:
        state, mark = journal.states.get(row.number, ("", ""))
        if state in ("done", "begun", "unknown"):
            if mark != row.mark:
                words = say(
                    "row {number} is not what it was when {file} was written",
                    number=row.number,
                    file=journal.path,
                )
                hint = say("give the rows as they were, or another `--resume FILE`")
                raise Failure(words, hint, USAGE)
        else:
            # What was refused has done nothing, and may be better now.
            todo.append(row)
    return todo


def send_all(
    session: Session,
    known: "Call",
    todo: Sequence[Row],
    messages: Mapping[int, Any],
    asked: Asked,
    journal: Journal,
) -> bool:
    """Send the rows, a few at once; True if it was interrupted, and then all that were begun have ended."""
    workers = 1 if known.serial else asked.concurrency
    waiting = iter(todo)
    running: set[Future[None]] = set()
    progress = Progress(len(todo))
    # Thousands of rows are slowed down rather than refused.
    limiter = MemoryLimiter()
    with (
        session.client(pool_size=workers, limiter=limiter) as client,
        ThreadPoolExecutor(workers) as pool,
    ):

        def send(row: Row) -> None:
            journal.note(row, "begun")
            try:
                result = client.send(messages[row.number])
                if known.partial:
                    result.raise_for_failures()
            except WeComError as error:
                journal.note(row, outcome(known, error), in_words(session, error))
                if isinstance(error, InvalidCredential):
                    raise
            else:
                journal.note(row, "done")

        try:
            while True:
                while len(running) < workers and (row := next(waiting, None)) is not None:
                    running.add(pool.submit(send, row))
                if not running:
                    return False
                ended, running = wait(running, return_when=FIRST_COMPLETED)
                progress.add(len(ended))
                for future in ended:
                    future.result()
        except KeyboardInterrupt:
            click.echo("\n" + say("waiting for the calls that were begun …"), err=True)
            wait(running)
            return True
        finally:
            progress.end()


def outcome(known: "Call", error: WeComError) -> State:
    """What is known of a row after an error: refused is refused, but a lost answer may have been a yes."""
    broke = isinstance(error, (TransportError, ProtocolError)) and error.sent
    return "unknown" if broke and not known.readonly else "failed"


class Progress:
    """How far it is, for a person."""

    def __init__(self, whole: int) -> None:
        self.whole = whole
        self.count = 0
        self.quiet = not sys.stderr.isatty()

    def add(self, count: int) -> None:
        self.count += count
        if not self.quiet:
            words = say("{count} of {whole}", count=self.count, whole=self.whole)
            click.echo(f"\r{words}", nl=False, err=True)

    def end(self) -> None:
        if not self.quiet and self.count:
            click.echo("", err=True)


def report(rows: Sequence[Row], journal: Journal, failures: Path, interrupted: bool) -> int:
    """Say what came of it, and write down the rows that failed."""
    states = {row.number: journal.states.get(row.number, ("", ""))[0] for row in rows}
    counts = Counter(states.values())
    unknown = counts["begun"] + counts["unknown"]
    parts = [say("{count} done", count=counts["done"])]
    if counts["failed"]:
        parts.append(say("{count} refused", count=counts["failed"]))
    if unknown:
        parts.append(say("{count} with an unknown outcome", count=unknown))
    if counts[""]:
        parts.append(say("{count} not begun", count=counts[""]))
    click.echo(say("{count} rows: {parts}", count=len(rows), parts=", ".join(parts)), err=True)
    bad = [row for row in rows if states[row.number] not in ("done", "")]
    write_failures(failures, bad, journal)
    if bad:
        click.echo(say("see {file}", file=failures), err=True)
    if interrupted or counts[""]:
        click.echo(say("go on with {way}", way=f"--resume {journal.path}"), err=True)
    if interrupted:
        return INTERRUPTED
    return SOME_FAILED if bad else 0


def write_failures(path: Path, rows: Sequence[Row], journal: Journal) -> None:
    """The rows that failed with the reason, as CSV that `--each` takes again; no file if there are none."""
    if not rows:
        path.unlink(missing_ok=True)
        return
    columns = list(dict.fromkeys(column for row in rows for column in row.cells))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*columns, *OURS])
        for row in rows:
            state = journal.states[row.number][0]
            cells = [text(row.cells.get(column, "")) for column in columns]
            reason = journal.errors.get(row.number) or say("the outcome is not known")
            writer.writerow([*cells, row.number, state, reason])


def text(value: Any) -> str:
    """A cell as it was, or JSON."""
    return value if isinstance(value, str) else compact(value)
