"""A real language model, tiny and trained here, in this process and behind `transformers serve`."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the extra `local` is not installed")
pytest.importorskip("transformers", reason="the extra `local` is not installed")
pytest.importorskip("jsonschema", reason="the extra `text` is not installed")

import torch
import transformers

from mintmark import catalog
from mintmark.errors import InputError
from mintmark.models.desk import Desk
from mintmark.models.pace import Limits
from mintmark.models.request import Refusal, Reply, Request
from mintmark.models.store import Store

pytestmark = pytest.mark.local

TEMPLATE = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
SAYINGS = {
    "Describe a tree as JSON.": '{"name": "oak", "height_m": 21}',
    "Describe a bird as JSON.": '{"name": "wren", "height_m": 0}',
    "Say hello.": "Hello to all of you.",
    "Count.": "one two three four five six",
}
THING = {
    "type": "object",
    "required": ["name", "height_m"],
    "properties": {"name": {"type": "string"}, "height_m": {"type": "integer"}},
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A Llama of 0.1 million weights with a tokenizer of its own, over-fitted to four sayings."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    folder = tmp_path_factory.mktemp("tiny")
    base = Tokenizer(models.BPE())
    base.pre_tokenizer, base.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    special = ["<|pad|>", "<|end|>", "<|user|>", "<|assistant|>", "<|system|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    base.train_from_iterator(
        [f"{ask} {said}" for ask, said in SAYINGS.items()],
        trainers.BpeTrainer(vocab_size=400, special_tokens=special, initial_alphabet=alphabet, show_progress=False),
    )
    words = transformers.PreTrainedTokenizerFast(
        tokenizer_object=base, eos_token="<|end|>", pad_token="<|pad|>", chat_template=TEMPLATE
    )
    torch.set_num_threads(1)  # so small a model is faster so, and as fast on a busy machine
    torch.manual_seed(1)
    model = transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            vocab_size=len(words), hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
            max_position_embeddings=128, eos_token_id=1, pad_token_id=0, bos_token_id=None,
        )
    )  # fmt: skip
    texts = [
        words.apply_chat_template(
            [{"role": "user", "content": ask}, {"role": "assistant", "content": said}], tokenize=False
        )
        for ask, said in SAYINGS.items()
    ]
    batch = words(texts, padding=True, return_tensors="pt")
    labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, -100)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for _ in range(200):
        loss = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if loss.item() < 0.02:
            break
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "replies.sqlite") as store:
        yield store


def asked(folder, store, *requests):
    model = catalog.build("models", "models.local", {"model": str(folder)})
    return list(Desk(model, store).ask(requests))


def test_it_says_what_it_learnt_and_its_json_meets_the_schema(trained, store):
    requests = [Request.of(ask, temperature=0.0, schema=THING if "JSON" in ask else None) for ask in SAYINGS]
    answers = asked(trained, store, *requests)
    assert [answer.text for answer in answers] == list(SAYINGS.values())
    assert answers[0].value == {"name": "oak", "height_m": 21}
    assert all(answer.finish == "stop" and answer.reply_tokens > 2 for answer in answers)


def test_the_same_request_gets_the_same_reply_and_no_draw_of_anybody_else_is_disturbed(trained, store, tmp_path):
    requests = [Request.of("Say hello.", temperature=3.0, max_tokens=12, sample=n) for n in range(6)]
    torch.manual_seed(7)
    before = torch.random.get_rng_state()
    first = asked(trained, store, *requests)
    assert torch.equal(before, torch.random.get_rng_state())
    with Store(tmp_path / "other.sqlite") as other:
        again = asked(trained, other, *reversed(requests))
    assert [answer.text for answer in reversed(again)] == [answer.text for answer in first]
    assert len({answer.text for answer in first}) > 1


def test_lengths_stops_and_bare_prompts_are_kept_to(trained, store):
    short, stopped, bare = asked(
        trained, store,
        Request.of("Count.", temperature=0.0, max_tokens=3),
        Request.of("Count.", temperature=0.0, stop=(" four",)),
        Request(prompt="<|user|>Count.<|end|><|assistant|>", temperature=0.0),
    )  # fmt: skip
    assert (short.finish, short.reply_tokens) == ("length", 3)
    assert stopped.text == "one two three"
    assert bare.text == SAYINGS["Count."]


def test_a_prompt_that_is_too_long_is_refused_and_the_others_go_on(trained, store):
    long, fine = asked(trained, store, Request.of("word " * 500), Request.of("Say hello.", temperature=0.0))
    assert isinstance(long, Refusal)
    assert long.reason == "too long for the model"
    assert fine.text == SAYINGS["Say hello."]


def test_a_model_that_is_not_there_or_cannot_be_read_is_one_clear_error(trained, store, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(InputError, match="no model 'nobody/nothing' on this machine"):
        asked("nobody/nothing", store, Request.of("a"))
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        asked(empty, store, Request.of("a"))
    pickled = tmp_path / "pickled"
    shutil.copytree(trained, pickled)
    torch.save({}, pickled / "pytorch_model.bin")
    (pickled / "model.safetensors").unlink()
    with pytest.raises(InputError, match="cannot be read"):
        asked(pickled, store, Request.of("a"))


def test_a_model_that_was_trained_further_is_another_one(trained, store, tmp_path):
    further = tmp_path / "further"
    shutil.copytree(trained, further)
    (further / "generation_config.json").write_text("{}")
    told = [catalog.build("models", "models.local", {"model": str(one)}).describe() for one in (trained, further)]
    assert told[0]["weights"] != told[1]["weights"]


@pytest.fixture(scope="module")
def served(trained):
    """The address of `transformers serve` with the tiny model."""
    for package in ("accelerate", "aiohttp", "fastapi", "uvicorn", "openai"):
        pytest.importorskip(package, reason="`transformers serve` needs it")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = Path(sys.executable).with_name("transformers")
    if not program.is_file():
        pytest.skip("`transformers serve` is not installed beside this Python")
    words = [str(program), "serve", "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(words, env=os.environ | {"HF_HUB_OFFLINE": "1"}, **quiet) as process:
        try:
            yield _ready(f"http://127.0.0.1:{port}", process)
        finally:
            process.kill()


def _ready(address, process):
    for _ in range(600):
        if process.poll() is not None:
            pytest.skip("`transformers serve` does not start here")
        try:
            with urllib.request.urlopen(address + "/health", timeout=1):
                return address + "/v1"
        except OSError:
            time.sleep(0.1)
    pytest.skip("`transformers serve` took over a minute to start")


def test_served_by_transformers_it_says_the_same_over_http(trained, served, store):
    model = catalog.build("models", "models.endpoint", {"url": served, "model": str(trained)})
    requests = [
        Request.of(ask, temperature=0.0, max_tokens=30, schema=THING if "JSON" in ask else None) for ask in SAYINGS
    ]
    answers = list(Desk(model, store, Limits(slots=1)).ask(requests))
    assert all(isinstance(answer, Reply) for answer in answers), answers
    assert [answer.text for answer in answers] == list(SAYINGS.values())
    assert answers[1].value == json.loads(SAYINGS["Describe a bird as JSON."])
