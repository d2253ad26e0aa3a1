"""A language model behind HTTP, with all that endpoints do wrong, asked through the desk."""

import asyncio
import contextlib
import json
import logging
import os
import random
import re
import signal
import subprocess
import sys
import time

import pytest

pytest.importorskip("aiohttp", reason="the extra `text` is not installed")

import endpoint as server
from mintmark.errors import BudgetSpent, InputError, ModelError, UnknownName
from mintmark.models import switchboard
from mintmark.models.desk import Desk
from mintmark.models.endpoint import Endpoint, body
from mintmark.models.pace import Limits
from mintmark.models.probe import Abilities, probe
from mintmark.models.purse import Budget, Price
from mintmark.models.request import Message, Refusal, Reply, Request
from mintmark.models.store import Store

pytestmark = pytest.mark.text

SECRET = "sk-mint-0123456789abcdef"
NUMBER = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
QUICK = Limits(slots=8, timeout_s=0.5, tries=3, patience_s=5, trial=6)


@pytest.fixture
def there():
    with server.Endpoint() as endpoint:
        yield endpoint


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "replies.sqlite") as store:
        yield store


def asked(there, store, *prompts, limits=QUICK, model="tiny", **more):
    desk = Desk(Endpoint(there.url, model, **more), store, limits)
    return list(desk.ask(Request.of(prompt) for prompt in prompts))


def test_chat_and_bare_prompts_are_answered_in_the_order_of_asking(there, store):
    requests = [Request.of(f"<<ok slow={(7 - n) / 100}>> {n}", system="Be brief.") for n in range(7)]
    requests.append(Request(prompt="once upon"))
    answers = list(Desk(Endpoint(there.url, "tiny"), store, QUICK).ask(requests))
    assert [answer.text for answer in answers[:7]] == [
        f"echo: {request.messages[-1].content}" for request in requests[:7]
    ]
    assert answers[7].text == "echo: once upon"
    assert [sent["prompt"] for sent in there.bodies if "prompt" in sent] == ["once upon"]
    assert answers[0].model == "tiny"
    assert answers[0].counted == "endpoint"


def test_what_is_sent_is_what_the_openai_package_sends(there):
    openai = pytest.importorskip("openai")
    request = Request(
        (Message("system", "a"), Message("user", "b ü")),
        max_tokens=7, temperature=0.5, top_p=0.9, stop=("x",), seed=3, schema=NUMBER, sample=2,
    )  # fmt: skip
    ours = body(Endpoint(there.url, "tiny"), request)

    async def ask() -> str:
        async with openai.AsyncOpenAI(base_url=there.url, api_key="none", max_retries=0) as client:
            told = await client.chat.completions.create(**ours)
            return told.choices[0].message.content

    assert asyncio.run(ask()) == "echo: b ü"
    assert there.bodies == [ours]
    assert ours["seed"] == 5  # samples that share a seed would be one and the same
    assert ours["response_format"]["json_schema"]["schema"] == NUMBER


@pytest.mark.parametrize("how", ["after", "date"])
def test_an_endpoint_that_is_busy_is_left_alone_as_long_as_it_asks(there, store, how):
    # The date is told by a clock that is an hour slow: it is held against that clock.
    wait = 1 if how == "date" else 0.6
    (answer,) = asked(there, store, f"<<429 {how}={wait}; ok>> a", limits=QUICK)
    assert isinstance(answer, Reply)
    passed = there.times[1] - there.times[0]
    assert (0.0 if how == "date" else 0.6) <= passed < 3.0


def test_fewer_requests_are_sent_at_once_after_a_protest_and_the_busy_row_is_not_to_blame(there, store):
    prompts = [f"<<429 after=0.01; 429 after=0.01; 429 after=0.01; 429 after=0.01; ok>> {n}" for n in range(20)]
    answers = asked(there, store, *prompts)
    assert all(isinstance(answer, Reply) for answer in answers)
    assert set(there.seen.values()) == {5}


@pytest.mark.parametrize("fault", ["500", "503 after=0.01", "cut", "bad", "none", "hang", "408"])
def test_a_fault_that_passes_costs_another_try_and_no_row(there, store, fault):
    answers = asked(there, store, f"<<{fault}; ok>> a", "b", "c")
    assert [answer.text.partition(">> ")[2] or answer.text for answer in answers] == ["a", "echo: b", "echo: c"]
    assert there.seen.most_common(1)[0][1] == 2


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("500", "failed again and again"),
        ("cut", "connection broke"),
        ("bad", "broken reply"),
        ("none", "broken reply"),
        ("hang", "no answer in time"),
        ("400 said=unknown_parameter", "rejected by the endpoint"),
        ("400 said=maximum_context_length_is_512", "too long for the model"),
        ("413", "too long for the model"),
        ("filter", "filtered by the endpoint"),
    ],
)
def test_a_row_that_always_fails_is_refused_with_its_reason_and_the_others_go_on(there, store, fault, reason):
    prompts = [f"<<{fault}>> bad", *(f"<<ok slow=0.02>> {n}" for n in range(9))]
    first, *rest = asked(there, store, *prompts)
    assert isinstance(first, Refusal)
    assert first.reason == reason
    assert all(isinstance(answer, Reply) for answer in rest)
    assert store.refused("tiny") == {reason: 1}
    assert there.seen[prompts[0]] == (1 if fault.partition(" ")[0] in {"400", "413", "filter"} else 3)


def test_the_last_row_may_be_the_bad_one(there, store):
    assert isinstance(asked(there, store, "a")[0], Reply)
    (answer,) = asked(there, store, "<<500>> bad")
    assert isinstance(answer, Refusal)


def test_an_endpoint_that_is_down_from_the_start_is_said_at_once(store):
    with server.Endpoint() as gone:
        pass
    with pytest.raises(ModelError, match="does not answer") as error:
        asked(gone, store, *"abcdefghijkl")
    assert gone.url in str(error.value)


def test_an_endpoint_that_goes_down_is_waited_for_and_no_row_is_lost(there, store):
    desk = Desk(Endpoint(there.url, "tiny"), store, QUICK)
    answers = desk.ask(Request.of(f"<<ok slow=0.03>> {n}") for n in range(60))
    got = [next(answers)]
    there.plan = "500"
    started = time.monotonic()
    got += [next(answers) for _ in range(5)]
    while there.plan and time.monotonic() - started < 1.5:
        time.sleep(0.05)
    there.plan = None
    got += answers
    assert len(got) == 60
    assert all(isinstance(answer, Reply) for answer in got)


def test_while_an_endpoint_is_down_it_is_told_what_is_waited_for(there, store, monkeypatch):
    monkeypatch.setattr(switchboard, "SHOWN_S", 0.2)
    told = []
    limits = Limits(slots=4, tries=50, patience_s=1.5, timeout_s=0.5)
    desk = Desk(Endpoint(there.url, "tiny"), store, limits, say=lambda progress: told.append(progress.waits))
    answers = desk.ask(Request.of(str(n)) for n in range(400))
    next(answers)
    there.plan, there.models_work = "500 said=out_of_memory", False
    with pytest.raises(ModelError, match="answered nothing for"):
        list(answers)
    assert told[0] == ""
    assert any(re.fullmatch(r"waiting, for \d+ s no answer: HTTP 500: .*out of memory", one) for one in told)


def test_an_endpoint_that_stays_down_ends_the_run_and_keeps_what_was_made(there, store):
    desk = Desk(Endpoint(there.url, "tiny"), store, Limits(slots=4, tries=50, patience_s=0.6, timeout_s=0.5))
    answers = desk.ask(Request.of(str(n)) for n in range(400))
    got = [next(answers) for _ in range(10)]
    there.plan, there.models_work = "500", False
    with pytest.raises(ModelError, match="answered nothing for"):
        got += answers
    assert len(store) >= len(got) - 10


def test_an_endpoint_that_fails_every_request_is_told_from_rows_that_are_bad(there, store):
    there.plan = "500 said=out_of_memory"
    with pytest.raises(ModelError, match="fails one request after another") as error:
        asked(there, store, *map(str, range(100)), limits=Limits(slots=8, tries=3, patience_s=5, trial=20))
    assert "out of memory" in str(error.value)
    assert sum(there.seen.values()) < 40


def test_a_key_that_is_wrong_names_its_variable_and_is_shown_nowhere(there, store, monkeypatch, caplog):
    there.key = "another"
    monkeypatch.setenv("MINT_KEY", SECRET)
    caplog.set_level(logging.DEBUG)
    with pytest.raises(InputError, match="MINT_KEY") as error:
        asked(there, store, "a", key_from="MINT_KEY")
    assert "***" in str(error.value)  # the endpoint repeated it
    seen = [str(error.value), repr(error.value), caplog.text, repr(_chain(error.value))]
    assert not any(SECRET in one for one in seen)


def _chain(error):
    told = []
    while error is not None:
        told.append(repr(error) + repr(vars(error)))
        error = error.__cause__ or error.__context__
    return told


def test_a_key_is_sent_and_stands_in_no_file_log_or_representation(there, store, tmp_path, monkeypatch, caplog):
    there.key = SECRET
    monkeypatch.setenv("MINT_KEY", SECRET)
    caplog.set_level(logging.DEBUG)
    model = Endpoint(there.url, "tiny", key_from="MINT_KEY")
    desk = Desk(model, store, QUICK)
    answers = list(desk.ask([Request.of("a"), Request.of("<<500>> b"), *map(Request.of, "cdefgh")]))
    assert isinstance(answers[0], Reply)
    shown = [repr(model), str(model), repr(desk), json.dumps(model.describe()), repr(answers), caplog.text]
    assert not any(SECRET in one for one in shown)
    store.close()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not any(SECRET.encode() in path.read_bytes() for path in files)


def test_a_key_that_stands_where_the_name_of_its_variable_belongs_is_refused_unseen(there):
    from mintmark import catalog

    for parameters in ({"key_from": SECRET}, {"url": f"http://me:{SECRET}@localhost/v1"}):
        with pytest.raises(InputError) as error:
            catalog.build("models", "models.endpoint", {"url": there.url, "model": "tiny"} | parameters)
        assert SECRET not in str(error.value) + repr(error.value)


def test_no_key_says_which_variable_to_set(there, store, monkeypatch):
    monkeypatch.delenv("MINT_KEY", raising=False)
    with pytest.raises(InputError, match="MINT_KEY"):
        asked(there, store, "a", key_from="MINT_KEY")
    there.key = "any"
    with pytest.raises(InputError, match="key_from"):
        asked(there, store, "a")


def test_a_model_that_is_not_there_is_told_with_those_that_are(there, store):
    with pytest.raises(UnknownName, match="did you mean small") as error:
        asked(there, store, "a", model="smal")
    assert there.url in str(error.value)
    with pytest.raises(InputError, match="no OpenAI-compatible endpoint"):
        list(Desk(Endpoint(there.url + "/more", "tiny"), store, QUICK).ask([Request.of("a")]))


def test_counts_that_are_wrong_or_missing_are_replaced_by_bytes(there, store):
    prompts = [f"<<{how}>> {'word ' * 50}" for how in ("few", "odd", "uncounted", "ok")]
    answers = asked(there, store, *prompts)
    assert [answer.counted for answer in answers] == ["bytes", "bytes", "bytes", "endpoint"]
    assert answers[0].prompt_tokens == len(prompts[0])
    assert store.spent("tiny").prompt_tokens == sum(answer.prompt_tokens for answer in answers)


def test_more_choices_than_were_asked_for_are_one_and_noted(there, store):
    (answer,) = asked(there, store, "<<two>> a")
    assert answer.notes == ("2 choices came for one",)
    assert "n" not in there.bodies[0]


def test_an_endpoint_that_ignores_the_schema_is_found_out_and_asked_again(there, store):
    requests = [Request.of(f"<<{how}>> a", schema=NUMBER) for how in ("json", "fenced", "prose", "wrong", "half")]
    answers = list(Desk(Endpoint(there.url, "tiny"), store, QUICK).ask(requests))
    assert [answer.value for answer in answers[:2]] == [{"n": 1}, {"n": 1}]
    assert [answer.reason for answer in answers[2:]] == [
        "not valid JSON", "not as the schema says", "cut off at max_tokens",
    ]  # fmt: skip
    again = [sent for sent in there.bodies if len(sent["messages"]) > 1]
    assert len(again) == 3
    assert any("$.n: 'one' is not of type 'integer'" in sent["messages"][-1]["content"] for sent in again)


def test_a_model_that_never_gives_valid_json_is_said_early_with_its_rate_and_advice(there, store):
    there.plan = "prose"
    requests = (Request.of(str(n), schema=NUMBER) for n in range(5000))
    desk = Desk(Endpoint(there.url, "tiny"), store, Limits(slots=8, trial=20), budget=Budget(requests=10_000))
    with pytest.raises(ModelError, match=r"\(100%\) are of no use") as error:
        list(desk.ask(requests))
    assert "not valid JSON" in str(error.value)
    assert "larger model" in str(error.value)
    assert sum(there.seen.values()) < 150


def test_prompts_that_no_model_can_hold_are_said_early_with_the_advice_to_shorten_them(there, store):
    there.plan = "400 said=maximum_context_length_is_512_tokens"
    with pytest.raises(ModelError, match="too long for the model") as error:
        list(Desk(Endpoint(there.url, "tiny"), store, Limits(slots=8)).ask(Request.of(str(n)) for n in range(5000)))
    assert "shorten the prompt" in str(error.value)
    assert "simpler schema" not in str(error.value)


def test_a_probe_tells_what_an_endpoint_ignores(there):
    told = probe(Endpoint(there.url, "tiny"))
    assert told == Abilities(schema=False, choices=False, counts=True, length=True, seed=True)
    there.plan = "two"
    assert probe(Endpoint(there.url, "tiny")).choices
    there.plan = "few"
    assert probe(Endpoint(there.url, "tiny")).counts is False
    there.plan = "500"
    assert str(probe(Endpoint(there.url, "tiny"))).count("no answer") == 5
    with pytest.raises(UnknownName):
        probe(Endpoint(there.url, "smal"))


def test_the_budget_holds_though_many_are_in_flight_and_says_how_to_go_on(there, store):
    price = {"tiny": Price(prompt=1000.0, reply=2000.0)}
    model = Endpoint(there.url, "tiny")
    requests = [Request.of(f"<<ok slow=0.01>> number {n}", max_tokens=50) for n in range(300)]
    desk = Desk(model, store, Limits(slots=16), Budget(cost=4.0), price)
    got = []
    with pytest.raises(BudgetSpent, match="raise the budget") as error:
        got.extend(desk.ask(requests))
    spent = store.spent("tiny")
    assert price["tiny"].of(spent.prompt_tokens, spent.reply_tokens) <= 4.0
    assert price["tiny"].of(spent.prompt_tokens, spent.reply_tokens) >= 4.0 - price["tiny"].of(200, 50)
    assert f"{spent.requests:,} requests" in str(error.value)
    assert len(got) == spent.requests == sum(there.seen.values())
    with pytest.raises(BudgetSpent):  # what was spent before counts
        list(desk.ask([Request.of("one more", max_tokens=2000)]))
    more = Desk(model, store, Limits(slots=16), Budget(cost=100.0), price)
    assert len(list(more.ask(requests))) == 300
    assert max(there.seen.values()) == 1


def test_tries_that_may_have_been_paid_for_are_booked(there, store):
    asked(there, store, "<<cut; ok>> a", "b")
    assert store.spent("tiny").requests == 3


def test_no_minute_holds_more_requests_than_were_agreed(there, store):
    asked(there, store, *map(str, range(8)), limits=Limits(slots=8, requests_per_minute=600))
    gaps = [later - sooner for sooner, later in zip(there.times, there.times[1:], strict=False)]
    assert sum(gaps) >= 0.6


def test_nothing_is_asked_twice_and_a_full_store_needs_no_endpoint(there, store):
    first = asked(there, store, *map(str, range(30)))
    there.plan = "500"
    assert asked(there, store, *map(str, range(30))) == first
    assert len(there.bodies) == 30


def test_who_stops_listening_gives_up_only_what_is_in_flight(there, store):
    answers = Desk(Endpoint(there.url, "tiny"), store, QUICK).ask(Request.of(str(n)) for n in range(10_000))
    got = [next(answers) for _ in range(50)]
    answers.close()
    assert 50 <= len(store) <= 50 + 4 * QUICK.slots
    assert asked(there, store, *map(str, range(50))) == got


ASKER = """
import os
import sys
from pathlib import Path
from mintmark.models import switchboard
from mintmark.models.desk import Desk
from mintmark.models.endpoint import Endpoint
from mintmark.models.pace import Limits
from mintmark.models.request import Request
from mintmark.models.store import Store
url, file, out, rows = sys.argv[1:]

def ask():
    with Store(Path(file)) as store, open(out, "a", buffering=1) as accepted:
        desk = Desk(Endpoint(url, "tiny"), store, Limits(slots=8))
        for n, answer in enumerate(desk.ask(Request.of(f"row {n}") for n in range(int(rows)))):
            print(n, answer.text, file=accepted)

# Importing takes longer than the job: each line that comes starts it anew, in a fork.
for line in sys.stdin:
    child = os.fork()
    if not child:
        ask()
        os._exit(0)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""
ROWS = 1500


class Asker:
    """A process that asks for rows, and can be killed while it does."""

    def __init__(self, *arguments):
        command = [sys.executable, "-c", ASKER, *map(str, arguments)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def start(self):
        self._process.stdin.write("again\n")
        self._process.stdin.flush()
        self.child = int(self._process.stdout.readline())

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.child, signal.SIGKILL)

    def wait(self):
        """The signal that ended it, 0 for none."""
        return int(self._process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(30)


def test_fifty_kills_lose_no_answer_double_none_and_pay_twice_only_for_what_was_in_flight(tmp_path):
    file, out, kills, slots = tmp_path / "s.sqlite", tmp_path / "out", 0, 8
    draw = random.Random(6)
    with server.Endpoint(latency_s=0.02) as there, Asker(there.url, file, out, ROWS) as asker:
        while True:
            asker.start()
            if kills < 50:
                time.sleep(draw.uniform(0.0, 0.15))
                asker.kill()
            ended = asker.wait()
            if not ended:
                break
            assert ended == signal.SIGKILL
            kills += 1
            with Store(file) as store:  # what was handed on is in the store
                handed_on = {line for line in (out.read_text() if out.exists() else "").split("\n")[:-1] if line}
                assert len(store) >= len(handed_on)
        assert kills == 50
        paid = dict(there.seen)
    accepted = {}
    for line in out.read_text().splitlines():
        number, _, text = line.partition(" ")
        assert accepted.setdefault(int(number), text) == text  # the same row, each time that it was handed on
    assert accepted == {n: f"echo: row {n}" for n in range(ROWS)}
    assert len(paid) == ROWS
    assert sum(paid.values()) - ROWS <= kills * 2 * slots
    with Store(file) as store:
        assert len(store) == ROWS


def test_what_a_second_process_keeps_meanwhile_is_kept_once(there, tmp_path):
    file = tmp_path / "s.sqlite"
    with Asker(there.url, file, tmp_path / "a", 400) as one, Asker(there.url, file, tmp_path / "b", 400) as other:
        one.start()
        other.start()
        assert [one.wait(), other.wait()] == [0, 0]
    assert (tmp_path / "a").read_text() == (tmp_path / "b").read_text()
    with Store(file) as store:
        assert len(store) == 400
