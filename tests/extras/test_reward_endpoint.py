"""A reward model behind HTTP: an endpoint that classifies as vLLM does, faults included."""

import importlib.util
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

pytest.importorskip("aiohttp", reason="the extra `text` is not installed")

from mintmark import catalog
from mintmark.errors import InputError, UnknownName
from mintmark.models.desk import Desk
from mintmark.models.pace import Limits
from mintmark.models.request import Message, Refusal, Request
from mintmark.models.store import Store

pytestmark = pytest.mark.text

_spec = importlib.util.spec_from_file_location("endpoint", Path(__file__).parents[1] / "endpoint.py")
assert _spec is not None
server = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(server)


@pytest.fixture
def there():
    with server.Endpoint() as endpoint:
        endpoint.rewards = [lambda text: text.count("!") - 1.5]
        yield endpoint


def asked(there, tmp_path, *requests, model="tiny", **more):
    reward = catalog.build("models", "models.reward_endpoint", {"url": there.url, "model": model, **more})
    with Store(tmp_path / "answers.sqlite") as store:
        return list(Desk(reward, store, Limits(tries=2)).ask(requests))


def test_a_text_and_a_conversation_get_their_number_and_what_is_sent_is_as_documented(there, tmp_path):
    talk = Request((Message("user", "So?"), Message("assistant", "a!!!")))
    text, spoken = asked(there, tmp_path, Request(prompt="b!"), talk)
    assert (float(text.text), float(spoken.text)) == (-0.5, 1.5)
    assert (text.prompt_tokens, text.reply_tokens, text.counted) == (1, 0, "endpoint")
    assert there.bodies == [
        {"model": "tiny", "input": "b!", "use_activation": False},
        {"model": "tiny", "use_activation": False,
         "messages": [{"role": "user", "content": "So?"}, {"role": "assistant", "content": "a!!!"}]},
    ]  # fmt: skip


def test_a_server_that_squeezes_keeps_the_order(there, tmp_path):
    (told,) = asked(there, tmp_path, Request(prompt="b!"), extra={})
    assert float(told.text) == pytest.approx(1 / (1 + math.exp(0.5)))


def test_faults_are_tried_again_or_refused_and_nothing_is_asked_twice(there, tmp_path):
    requests = [Request(prompt=text) for text in ("a <<500; ok>>", "b <<400 said=odd>>", "c")]
    answers = asked(there, tmp_path, *requests)
    assert [isinstance(answer, Refusal) for answer in answers] == [False, True, False]
    asked(there, tmp_path, requests[0], requests[2])
    assert sum(there.seen.values()) == 4


def test_several_outputs_and_wrong_names_are_one_clear_error(there, tmp_path):
    there.rewards = [len, lambda text: -1.0, lambda text: 0.25]
    assert asked(there, tmp_path, Request(prompt="a"), output=2)[0].text == "0.25"
    for more, said in (({}, "several numbers"), ({"output": 3}, "no such output")):
        with pytest.raises(InputError, match=said):
            asked(there, tmp_path, Request(prompt="a"), **more)
    with pytest.raises(UnknownName, match="small, tiny"):
        asked(there, tmp_path, Request(prompt="a"), model="large")


def test_a_server_that_does_not_classify_is_told_from_one_that_is_not_there(there, tmp_path):
    there.rewards = []
    with pytest.raises(InputError, match="the endpoint has no /classify for this model"):
        asked(there, tmp_path, Request(prompt="a"))


def test_as_a_filter_it_keeps_what_it_rewards(there):
    model = {"use": "models.reward_endpoint", "with": {"url": there.url, "model": "tiny"}}
    filter_ = catalog.build("filters", "filters.reward", {"column": "text", "model": model, "least": 0})
    found = filter_.open(None, rng=np.random.default_rng(1)).sift(pa.table({"text": ["a!!", "b!", "c!!!!"]}))
    assert found.keep.tolist() == [True, False, True]
