"""How a language model is asked, worked by hand: names of requests, pace, purse, structure, store, desk."""

import sqlite3
import threading
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest

from mintmark import catalog
from mintmark.errors import BudgetSpent, InputError, ModelError, StorageError, UnknownName
from mintmark.models.desk import Desk
from mintmark.models.pace import Breaker, Bucket, Limits, Window
from mintmark.models.purse import Budget, Price, Purse, Spent, paid
from mintmark.models.request import Message, Refusal, Reply, Request
from mintmark.models.scripted import Rule, Scripted
from mintmark.models.store import Lost, Store
from mintmark.models.structure import Form, mended

NUMBER = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
COLOURS = (
    Rule(match=r"colour of (?P<what>\w+)", reply=(r"\g<what> is red", r"\1 is blue")),
    Rule(match="", reply="no"),
)


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "replies.sqlite") as store:
        yield store


def asked(store, *requests, rules=COLOURS, **more):
    return list(Desk(Scripted(rules), store, **more).ask(requests))


# Requests and their names


def test_a_request_has_a_name_that_changes_with_all_that_shapes_its_answer():
    request, model = Request.of("a", system="b"), {"model": "m"}
    others = [
        replace(request, sample=1),
        replace(request, temperature=0.0),
        replace(request, max_tokens=5),
        replace(request, stop=("x",)),
        replace(request, seed=1),
        replace(request, schema=NUMBER),
        replace(request, messages=(Message("user", "b"), Message("user", "a"))),
        Request(prompt="a"),
    ]
    assert len({one.key(model) for one in [request, *others]}) == 9
    assert request.key(model) == Request.of("a", system="b").key(model)
    assert request.key(model) != request.key({"model": "other"})


def test_a_request_is_a_conversation_or_a_prompt():
    for wrong in ({}, {"messages": (Message("user", "a"),), "prompt": "b"}, {"prompt": "a", "max_tokens": 0}):
        with pytest.raises(InputError):
            Request(**wrong)
    with pytest.raises(InputError, match="no text"):
        Request.of("half a \ud800 pair").key({})


# Pace


def test_a_window_doubles_each_round_trip_then_gives_way_once_for_each_protest():
    window = Window(64)
    sizes = []
    for _ in range(3):
        sizes.append(window.size)
        for _ in range(window.size):
            window.answered()
    assert sizes == [16, 32, 64]
    for _ in range(10):  # ten protests against what was sent before the cut are one
        window.protested(sent_at=1.0, now=2.0)
    assert window.size == 44
    for _ in range(44):
        window.answered()
    assert window.size == 45
    for now in range(3, 100):
        window.protested(sent_at=now, now=now)
    assert window.size == 1


@pytest.mark.parametrize("per_minute", [1, 7, 600, 6000])
def test_no_minute_holds_more_than_was_agreed_and_a_long_time_holds_about_that(per_minute):
    bucket, now, taken = Bucket(per_minute), 0.0, []
    while now < 180 and len(taken) < 4 * per_minute:
        now += bucket.wait_s(1, now)
        bucket.take(1, now)
        taken.append(now)
    for start in taken[:: max(1, len(taken) // 200)]:
        assert sum(start <= one < start + 60 - 1e-6 for one in taken) <= per_minute
    assert sum(one < 180 for one in taken) >= 0.98 * 3 * per_minute - 1


def test_a_request_that_is_larger_than_the_bucket_waits_for_a_full_one_and_then_for_its_debt():
    bucket = Bucket(600)  # holds 1, fills by 10 a second
    assert bucket.wait_s(100, 0.0) == 0
    bucket.take(100, 0.0)
    assert bucket.wait_s(1, 0.0) == pytest.approx(10)
    bucket.take(-90, 0.0)  # it took less than was thought
    assert bucket.wait_s(1, 0.0) == pytest.approx(1)


def test_a_breaker_opens_at_many_failures_in_a_row_and_tries_after_longer_and_longer_waits():
    breaker = Breaker()
    for _ in range(7):
        breaker.failed(1.0)
    assert not breaker.open
    breaker.answered(1.5)
    waits, now = [], 2.0
    for _ in range(8):
        breaker.failed(now)
    for _ in range(8):
        breaker.failed(now)  # what was in flight when it went down
        waits.append(breaker.wait_s(now))
        now += waits[-1]
        breaker.failed(now)
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert breaker.silent_s(now) == now - 2.0
    breaker.answered(now)
    assert not breaker.open
    assert breaker.silent_s(now + 9) == 0


def test_limits_under_which_nothing_could_be_asked_are_refused():
    for wrong in ({"slots": 0}, {"tries": 0}, {"requests_per_minute": 0}, {"timeout_s": float("nan")}):
        with pytest.raises(InputError, match=f"{next(iter(wrong))} must be more than 0"):
            Limits(**wrong)


# Purse


def test_a_purse_counts_what_is_in_flight_as_the_most_that_it_can_take():
    request = Request(prompt="x" * 36, max_tokens=100)  # 36 bytes + 64 for a template: at most 100 + 100 tokens
    purse = Purse(Budget(tokens=500), None, Spent(1, 50, 50), model="m")
    assert [purse.reserve(request) for _ in range(3)] == [True, True, False]
    purse.settle(request, paid(Reply("y", prompt_tokens=10, reply_tokens=10)))
    assert purse.spent == Spent(2, 60, 60)
    assert not purse.reserve(Request(prompt="x" * 36, max_tokens=101))  # 120 + 200 + 201
    assert purse.reserve(Request(prompt="x" * 16, max_tokens=100))  # 120 + 200 + 180
    assert "120 tokens" in str(purse.empty(1))


def test_a_budget_in_money_needs_a_price_and_keeps_to_it():
    with pytest.raises(InputError, match=r"no price is known for m(?s:.)*price: \{prompt: 0.15, reply: 0.60\}"):
        Purse(Budget(cost=1.0), None, Spent(), model="m")
    purse = Purse(Budget(cost=0.0003), Price(prompt=1.0, reply=2.0), Spent(), model="m")
    assert purse.reserve(Request(prompt="x" * 36, max_tokens=100))  # 100 * 1 + 100 * 2 = 300 millionths
    assert not purse.reserve(Request(prompt="", max_tokens=1))
    assert purse.cost == 0


def test_an_estimate_counts_what_is_asked_anew_and_learns_from_what_was_kept(store):
    desk = Desk(Scripted(COLOURS), store)
    requests = [Request.of(f"colour of thing{n}", max_tokens=40) for n in range(10)]
    first = desk.estimate(requests)
    assert (first.requests, first.kept, first.reply_tokens) == (10, 0, 200)
    list(desk.ask(requests[:4]))
    then = desk.estimate(requests)
    assert (then.requests, then.kept) == (6, 4)
    assert then.reply_tokens < 60  # as long as the four replies
    assert (then.cost, first.most_cost) == (0, 0)
    model = Silent()
    known = Desk(model, store, prices={"silent": Price(10.0, 20.0)}).estimate(requests)
    assert known.most_tokens == sum(request.most_prompt_tokens + 40 for request in requests)
    assert known.most_cost == pytest.approx((10 * (known.most_tokens - 400) + 20 * 400) / 1e6)
    assert "no price is known" in str(Desk(model, store).estimate(requests))


# Structure


@pytest.mark.parametrize(
    "text",
    [
        '{"n": 1}',
        ' \n{"n": 1}\n',
        'Sure!\n```json\n{"n": 1}\n```\nBye.',
        'I think {"m": 2}, no: {"n": 1}',
        '<think>{"n": 7}</think>{"n": 1}',
        '[1, 2] {"n": 1}',
    ],
)
def test_json_is_found_where_it_stands(text):
    assert Form(NUMBER).read(Reply(text)).value == {"n": 1}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("no", "not valid JSON"),
        ("", "not valid JSON"),
        ('{"n": 1.5}', "not as the schema says"),
        ('{"n": NaN}', "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ('{"m": 1}', "not as the schema says"),
    ],
)
def test_what_is_no_json_or_breaks_the_schema_is_refused(text, reason):
    refusal = Form(NUMBER).read(Reply(text))
    assert isinstance(refusal, Refusal)
    assert refusal.reason == reason


def test_a_schema_that_is_none_or_points_elsewhere_is_an_error_and_nothing_is_fetched():
    with pytest.raises(InputError, match="no JSON Schema"):
        Form({"type": "wish"})
    with pytest.raises(InputError, match="does not hold"):
        Form({"$ref": "http://127.0.0.1:9/schema.json"}).read(Reply("1"))


def test_a_repair_shows_the_model_its_reply_and_what_was_wrong():
    refusal = Form(NUMBER).read(Reply('{"n": "x"}'))
    again = mended(Request.of("count", schema=NUMBER), refusal)
    assert [one.role for one in again.messages] == ["user", "assistant", "user"]
    assert again.messages[1].content == '{"n": "x"}'
    assert "$.n: 'x' is not of type 'integer'" in again.messages[2].content
    assert '{"n": "x"}' in mended(Request(prompt="count", schema=NUMBER), refusal).prompt


def test_a_reply_is_repaired_a_bounded_number_of_times_and_each_is_kept(store):
    rules = (
        Rule(match="cannot be used", reply='{"n": 1}'),
        Rule(match="never", reply="no"),
        Rule(match="", reply="Let me see."),
    )
    good, bad = (Request.of(text, schema=NUMBER) for text in ("count", "never"))
    desk = Desk(Scripted((rules[1], rules[0], rules[2])), store, Limits(repairs=2))
    first = list(desk.ask([good]))
    assert first[0].value == {"n": 1}
    assert first[0].key == good.key(desk.model.describe())
    assert len(store) == 2
    never = Scripted((Rule(match="", reply="no"),))
    assert next(Desk(never, store, Limits(repairs=2)).ask([bad])).reason == "not valid JSON"
    assert len(store) == 5
    assert store.refused("scripted") == {"not valid JSON": 1}
    assert list(desk.ask([good])) == first


# Store


def test_a_store_keeps_the_first_answer_and_says_what_was_spent(store):
    request = Request.of("a \0 b")
    reply = Reply("ü \0", "length", 3, 4, "m-1", "bytes", ("odd",), None, "k")
    store.add("m", [(request, reply), (request, replace(reply, text="later")), Lost(Spent(1, 10, 20))])
    assert store.find(["k", "none"]) == {"k": reply}
    assert store.spent("m") == Spent(2, 13, 24)
    assert store.spent("other") == Spent()
    assert store.mean_reply("m") == 4
    store.add("m", [Refusal("filtered", "why", "", "q")])
    assert store.refused("m") == {"filtered": 1}
    store.add("m", [(request, replace(reply, key="q"))])
    assert store.refused("m") == {}
    assert len(store.find([str(n) for n in range(2000)] + ["q"])) == 1


def test_a_file_that_is_no_store_or_a_newer_one_is_an_error_and_stays_as_it_was(tmp_path):
    file = tmp_path / "s.sqlite"
    file.write_bytes(b"not a database, but long enough to be looked at by SQLite" * 20)
    before = file.read_bytes()
    with pytest.raises(StorageError, match="store cannot be used"):
        len(Store(file))
    assert file.read_bytes() == before
    file.unlink()
    base = sqlite3.connect(file)
    base.execute("PRAGMA user_version = 99")
    base.close()
    with pytest.raises(StorageError, match="newer"):
        len(Store(file))


# The scripted model, and the desk


def test_the_scripted_model_says_the_same_to_the_same_request_and_varies_with_the_sample(store):
    requests = [replace(Request.of("the colour of snow?"), sample=n) for n in range(20)]
    first = asked(store, *requests)
    assert {answer.text for answer in first} == {"snow is red", "snow is blue"}
    again = asked(Store(store.path.with_name("other")), *requests)
    assert again == first
    assert asked(store, Request.of("what?", max_tokens=1), rules=(Rule(match="", reply="12345678"),))[0] == Reply(
        "1234", "length", 2, 1, "scripted", "bytes", (), None, Request.of("what?", max_tokens=1).key(
            Scripted((Rule(match="", reply="12345678"),)).describe()
        ),
    )  # fmt: skip


def test_a_script_may_be_a_file_and_says_where_it_is_wrong(tmp_path, store):
    file = tmp_path / "script.yaml"
    file.write_text("- {match: 'twice (\\d+)', reply: 'it is \\1 and \\1'}\n- {match: '', reply: [a, b]}\n")
    model = catalog.build("models", "models.scripted", {"file": str(file)})
    assert next(Desk(model, store).ask([Request.of("twice 4")])).text == "it is 4 and 4"
    file.write_text("- {match: a, reply: b}\n- {match: c}\n")
    with pytest.raises(InputError, match=r"script\.yaml:2"):
        Scripted(file=file).describe()
    with pytest.raises(InputError, match="needs rules"):
        Scripted().describe()
    with pytest.raises(InputError, match="pattern"):
        Scripted((Rule(match="(", reply="b"),))
    with pytest.raises(InputError, match="no rule"):
        asked(store, Request.of("b"), rules=(Rule(match="a", reply="b"),))


def test_answers_come_in_the_order_of_asking_and_requests_are_not_held_all_at_once(store):
    taken = 0

    def many():
        nonlocal taken
        for n in range(800):
            taken += 1
            yield Request.of(f"colour of x{n}")

    for n, answer in enumerate(Desk(Scripted(COLOURS), store, Limits(slots=16)).ask(many())):
        assert answer.text.startswith(f"x{n} is")
        assert taken <= n + 129  # two times sixty-four: under way, and handed on


def test_a_model_of_somebody_else_joins_by_entry_point_and_a_broken_one_is_said(store, monkeypatch):
    class Entry:
        name, value, module, dist = "acme.odd", "acme:Odd", "acme", None

        def load(self):
            return Odd

    monkeypatch.setattr(catalog, "_entries", lambda shelf: {"acme.odd": Entry()} if shelf == "models" else {})
    model = catalog.build("models", "acme.odd", {"text": "hm"})
    assert next(Desk(model, store).ask([Request.of("a")])).text == "hm"
    assert "acme.odd" in catalog.names("models")
    with pytest.raises(ModelError, match="KeyError"):
        list(Desk(Odd("break"), store).ask([Request.of("a")]))
    monkeypatch.undo()
    with pytest.raises(UnknownName, match="did you mean models"):
        catalog.build("models", "models.scriptd", {})


def test_an_error_in_what_the_asker_iterates_reaches_the_asker_and_leaves_no_thread(store):
    def broken():
        yield Request.of("a")
        raise KeyError("mine")

    before = threading.active_count()
    with pytest.raises(KeyError, match="mine"):
        list(Desk(Scripted(COLOURS), store).ask(broken()))
    assert threading.active_count() == before


def test_a_store_that_cannot_be_written_ends_the_asking_and_hands_on_nothing_that_is_not_kept(store, monkeypatch):
    def full(*_):
        raise StorageError("the disk is full")

    monkeypatch.setattr(store, "add", full)
    got = []
    with pytest.raises(StorageError, match="full"):
        got.extend(Desk(Scripted(COLOURS), store).ask(Request.of(str(n)) for n in range(1000)))
    assert got == []


def test_progress_is_told_while_answers_are_waited_for(store):
    said = []
    model, prices = Silent(), {"silent": Price(1.0, 1.0)}
    list(
        Desk(model, store, prices=prices, say=lambda now: said.append((now.tally.done, now.cost))).ask(
            [Request.of("a")]
        )
    )
    assert said[-1] == (1, pytest.approx(3e-6))


def test_a_budget_of_requests_stops_before_the_next_one(store):
    got = []
    with pytest.raises(BudgetSpent, match="3 answers came"):
        got.extend(Desk(Silent(), store, budget=Budget(requests=3)).ask(Request.of(str(n)) for n in range(9)))
    assert len(got) == 3


def test_no_model_is_opened_where_the_store_has_all_answers(store):
    requests = [Request.of("a"), Request.of("b")]
    first = list(Desk(Silent(), store).ask(requests))
    assert list(Desk(Silent(opens=False), store).ask(requests)) == first


@dataclass(frozen=True)
class Silent:
    """Answers two tokens to one; `opens` says whether it may be opened at all."""

    opens: bool = True
    free: ClassVar[bool] = False
    at_once: ClassVar[int | None] = None

    @asynccontextmanager
    async def open(self):
        assert self.opens
        yield self

    async def answer(self, request: Request) -> Reply:
        return Reply("...", prompt_tokens=1, reply_tokens=2)

    async def alive(self) -> bool:
        return True

    def describe(self) -> dict[str, Any]:
        return {"model": "silent"}


@dataclass(frozen=True)
class Odd:
    """Somebody else's model."""

    text: str
    free: ClassVar[bool] = True
    at_once: ClassVar[int | None] = None

    @asynccontextmanager
    async def open(self):
        yield self

    async def answer(self, request: Request) -> Reply:
        if self.text == "break":
            raise KeyError("a fault of its own")
        return Reply(self.text)

    async def alive(self) -> bool:
        return True

    def describe(self) -> dict[str, Any]:
        return {"model": "odd", "text": self.text}
