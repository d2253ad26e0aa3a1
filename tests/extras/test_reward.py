"""A reward model in this process whose score is known in closed form: it weighs how much of a text is the word good."""

import json
import math
import shutil

import numpy as np
import pyarrow as pa
import pytest

pytest.importorskip("torch", reason="the extra `local` is not installed")
pytest.importorskip("transformers", reason="the extra `local` is not installed")

import torch
import transformers

from mintmark import catalog
from mintmark.errors import InputError, UnknownName
from mintmark.models.desk import Desk
from mintmark.models.request import Message, Refusal, Request
from mintmark.models.store import Store

pytestmark = pytest.mark.local

WORDS = ["<|pad|>", "<|user|>", "<|assistant|>", "good", "bad", "so", "?"]
TEMPLATE = "{% for m in messages %}<|{{ m.role }}|> {{ m.content }} {% endfor %}"


def made(folder, outputs=1, template=TEMPLATE):
    """A Llama of one layer that attends to all words alike: its output is f / √(1 + f²), where f is the share of good.

    The embedding of `good` is one axis, that of all others a second one; attention writes the mean of the first onto a
    third, which the output reads behind the last norm. Words have length 1, so the norm divides by √(1 + f²).
    """
    from tokenizers import Tokenizer, models, pre_tokenizers

    base = Tokenizer(models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="so"))
    base.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    words = transformers.PreTrainedTokenizerFast(tokenizer_object=base, pad_token="<|pad|>", model_max_length=12)
    words.chat_template = template
    config = transformers.LlamaConfig(
        vocab_size=len(WORDS), hidden_size=4, intermediate_size=4, num_hidden_layers=1, num_attention_heads=1,
        max_position_embeddings=64, pad_token_id=0, bos_token_id=None, eos_token_id=None, rms_norm_eps=1e-12,
        id2label={place: f"kind {place}" for place in range(outputs)}, num_labels=outputs,
    )  # fmt: skip
    model = transformers.LlamaForSequenceClassification(config)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.fill_(1.0 if "norm" in name else 0.0)
        model.model.embed_tokens.weight[:, 1] = 1.0
        model.model.embed_tokens.weight[3] = torch.tensor([1.0, 0, 0, 0])
        attention = model.model.layers[0].self_attn
        attention.v_proj.weight[0, 0] = 0.5  # the norm before makes an axis 2 long, √4
        attention.o_proj.weight[2, 0] = 1.0
        model.score.weight[0, 2] = 0.5
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    torch.set_num_threads(1)
    return made(tmp_path_factory.mktemp("reward"))


def score(share):
    return share / math.sqrt(1 + share**2)


def asked(folder, tmp_path, *requests, **more):
    reward = catalog.build("models", "models.reward", {"model": str(folder), **more})
    with Store(tmp_path / "answers.sqlite") as store:
        return list(Desk(reward, store).ask(requests))


def test_its_reply_is_the_closed_form(model, tmp_path):
    talk = Request((Message("user", "so good ?"), Message("assistant", "good good")))
    texts = {"good": 1.0, "good bad": 0.5, "bad so bad": 0.0, "good good good bad": 0.75}
    *alone, spoken = asked(model, tmp_path, *(Request(prompt=text) for text in texts), talk)
    for answer, share in zip(alone, texts.values(), strict=True):
        assert float(answer.text) == pytest.approx(score(share), abs=1e-6)
    # The template adds a word for each turn: 3 of 7 are good.
    assert float(spoken.text) == pytest.approx(score(3 / 7), abs=1e-6)
    assert (spoken.prompt_tokens, spoken.reply_tokens) == (7, 0)


def test_without_a_template_question_and_answer_are_a_pair(tmp_path):
    bare = made(tmp_path / "bare", template=None)
    (pair,) = asked(bare, tmp_path, Request((Message("user", "so good ?"), Message("assistant", "good good"))))
    assert float(pair.text) == pytest.approx(score(3 / 5), abs=1e-6)


def test_a_text_that_is_too_long_has_no_verdict_and_the_others_go_on(model, tmp_path):
    long, fine = asked(model, tmp_path, Request(prompt="good " * 13), Request(prompt="good"))
    assert isinstance(long, Refusal)
    assert long.reason == "too long for the model"
    assert float(fine.text) == pytest.approx(score(1), abs=1e-6)


def test_of_several_outputs_one_is_chosen_by_its_name(tmp_path):
    several = made(tmp_path / "several", outputs=3)
    with pytest.raises(InputError, match="several outputs"):
        asked(several, tmp_path, Request(prompt="good"))
    with pytest.raises(UnknownName, match="kind 2"):
        asked(several, tmp_path, Request(prompt="good"), label="kind 9")
    (first,) = asked(several, tmp_path, Request(prompt="good"), label="kind 0")
    whole = math.exp(score(1)) + 2
    assert float(first.text) == pytest.approx(math.exp(score(1)) / whole, abs=1e-6)


def test_a_model_that_would_score_by_chance_is_refused(model, tmp_path):
    """A language model in the place of a reward model lacks the weights of the output: they would be drawn."""
    language = tmp_path / "language"
    shutil.copytree(model, language)
    told = json.loads((model / "config.json").read_text())
    transformers.LlamaForCausalLM(transformers.LlamaConfig.from_dict(told)).save_pretrained(language)
    with pytest.raises(InputError, match="no reward model") as error:
        asked(language, tmp_path, Request(prompt="good"))
    assert "score.weight" in str(error.value)


def test_pickles_are_not_read_and_a_model_that_is_not_there_is_named(model, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(InputError, match="no model 'nobody/nothing' on this machine"):
        asked("nobody/nothing", tmp_path, Request(prompt="good"))
    pickled = tmp_path / "pickled"
    shutil.copytree(model, pickled)
    torch.save({}, pickled / "pytorch_model.bin")
    (pickled / "model.safetensors").unlink()
    with pytest.raises(InputError, match="cannot be read"):
        asked(pickled, tmp_path, Request(prompt="good"))


def test_as_a_filter_it_keeps_what_it_rewards(model):
    rows = pa.table({"text": ["good good", "bad", "good bad", None], "ask": ["so ?"] * 4})
    definition = {"use": "models.reward", "with": {"model": str(model)}}
    for more, keep in (
        ({"least": score(0.5) - 1e-6}, [True, False, True, False]),
        ({"share": 0.3}, [True, False, False, False]),
        ({"share": 0.6, "context": "ask"}, [True, False, True, False]),
    ):
        filter_ = catalog.build("filters", "filters.reward", {"column": "text", "model": definition, **more})
        sieve = filter_.open(None, rng=np.random.default_rng(1))
        assert sieve.sift(rows).keep.tolist() == keep
    assert sieve.notes[0].startswith("reward: 3 texts were given 0 to ")
