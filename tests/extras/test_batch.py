"""The batch API: files of requests, answers that come later, failures sent again, and runs that were killed."""

import json
import subprocess
import sys
import time

import pytest

pytest.importorskip("openai", reason="the extra `text` is not installed")
pytest.importorskip("aiohttp", reason="the extra `text` is not installed")

import endpoint as server
from mintmark import catalog
from mintmark.errors import InputError
from mintmark.models.desk import Desk
from mintmark.models.endpoint import Endpoint
from mintmark.models.pace import Limits
from mintmark.models.purse import Price
from mintmark.models.request import Refusal, Reply, Request
from mintmark.models.store import Store

pytestmark = pytest.mark.text


@pytest.fixture
def there():
    with server.Endpoint(key="sk-batch") as endpoint:
        yield endpoint


@pytest.fixture
def model(there, monkeypatch):
    monkeypatch.setenv("BATCH_KEY", "sk-batch")
    told = {"url": there.url, "model": "tiny", "key_from": "BATCH_KEY", "poll_s": 0.05, "size": 50}
    return catalog.build("models", "models.batch", told)


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "replies.sqlite") as store:
        yield store


def test_requests_go_out_in_files_and_answers_come_in_the_order_of_asking(there, model, store):
    requests = [*(Request.of(f"row {n}") for n in range(70)), Request(prompt="bare")]
    answers = list(Desk(model, store).ask(requests))
    assert [answer.text for answer in answers] == [f"echo: {one.text}" for one in requests]
    assert sorted(len(there.files[one["input_file_id"]].splitlines()) for one in there.batches.values()) == [1, 20, 50]
    assert there.bodies == []  # nothing was asked singly
    asked = list(Desk(Endpoint(there.url, "tiny", key_from="BATCH_KEY"), store).ask(requests))
    assert asked == answers  # and nothing needs to be


def test_items_that_failed_are_sent_again_and_bad_ones_are_refused(there, model, store):
    plans = ["<<500; ok>> a", "<<429; ok>> b", "<<400 said=maximum_context_length>> c", "<<500>> d", "e"]
    a, b, c, d, e = Desk(model, store, Limits(tries=3, patience_s=30)).ask(map(Request.of, plans))
    assert all(isinstance(answer, Reply) for answer in (a, b, e))
    assert isinstance(c, Refusal)
    assert c.reason == "too long for the model"
    assert isinstance(d, Refusal)
    assert there.seen["<<500>> d"] == 3
    assert there.seen["e"] == 1


ASKER = """
import sys
from pathlib import Path
from mintmark.models.batch import Batch
from mintmark.models.desk import Desk
from mintmark.models.request import Request
from mintmark.models.store import Store
url, file = sys.argv[1:]
model = Batch(url, "tiny", key_from="BATCH_KEY", poll_s=0.05, size=50)
list(Desk(model, Store(Path(file))).ask(Request.of(f"row {n}") for n in range(20)))
"""


def test_a_run_that_was_killed_finds_its_batch_and_sends_nothing_twice(there, model, store):
    there.batches_rest = True
    with subprocess.Popen([sys.executable, "-c", ASKER, there.url, str(store.path)]) as process:
        while not there.batches and process.poll() is None:
            time.sleep(0.02)
        process.kill()
    assert len(there.batches) == 1
    assert len(store) == 0
    there.batches_rest = False
    requests = [*(Request.of(f"row {n}") for n in range(20)), Request.of("one more")]
    answers = list(Desk(model, store).ask(requests))
    assert [answer.text for answer in answers] == [f"echo: {one.text}" for one in requests]
    assert len(there.batches) == 2
    assert set(there.seen.values()) == {1}


def test_a_wrong_key_names_its_variable(there, model, store):
    there.key = "another"
    with pytest.raises(InputError, match="BATCH_KEY") as error:
        list(Desk(model, store, prices={"tiny": Price(1, 1)}).ask([Request.of("a")]))
    assert "sk-batch" not in str(error.value) + json.dumps(model.describe())
