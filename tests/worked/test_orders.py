"""What an instruction orders of its reply: what is recognised, what is not, and when it is obeyed."""

import pytest

from mintmark.answers import counted
from mintmark.answers.orders import Order, orders
from mintmark.words.tongues import is_in

RECOGNISED = {
    "Write an essay in at least 300 words.": [("words", 300, None)],
    "Write a text of fewer than 1,000 words.": [("words", 0, 999)],
    "Explain it in 50 words or less.": [("words", 0, 50)],
    "Write between 50 and 100 words.": [("words", 50, 100)],
    "Summarize this in one sentence.": [("sentences", 1, 1)],
    "Answer in no more than two short sentences, in French.": [("sentences", 0, 2), ("language", "french")],
    "Describe it in a single paragraph.": [("paragraphs", 1, 1)],
    "Could you tell me in exactly 3 bullet points?": [("bullets", 3, 3)],
    "Give the reasons as a bulleted list.": [("bullets", 1, None)],
    'Include the words "apple" and “pear”.': [
        ("words that must be there", "apple"), ("words that must be there", "pear")],
    "Do not use the word 'very' or \"really\".": [
        ("words that must not be there", "very"), ("words that must not be there", "really")],
    'Start with the word "Indeed".': [("beginning", "Indeed")],
    'Your response should end with the phrase "Anything else?".': [("end", "Anything else?")],
    "Give the result in JSON format.": [("JSON",)],
    "Answer in all lowercase letters.": [("small letters",)],
    "Write a letter in all caps.": [("capitals",)],
    "Refrain from using any commas.": [("no commas",)],
    "Make sure that your answer has at least 3 paragraphs.": [("paragraphs", 3, None)],
}  # fmt: skip


@pytest.mark.parametrize("instruction", RECOGNISED)
def test_orders_that_can_be_checked_are_recognised(instruction: str) -> None:
    assert sorted(orders(instruction), key=str) == sorted(
        (Order(kind, tuple(what)) for kind, *what in RECOGNISED[instruction]), key=str
    )


@pytest.mark.parametrize(
    "instruction",
    [
        "Write a Python function that returns strings of at least 5 words.",
        "Is it fine for an essay to have over 500 words?",
        "Tell a story about a man who speaks in at most three words.",
        'Name words that start with "B".',
        "Write about 100 words.",
        "List five cities.",
        "Translate the sentence into Spanish.",
        "Who wrote in French at the court of Prussia?",
        'Replace the words "red" and "blue" by others.',
        'Use the word "red" or "blue".',
        "Do not forget the commas.",
        "",
    ],
)
def test_what_is_no_order_or_cannot_be_checked_counts_as_not_asked(instruction: str) -> None:
    assert orders(instruction) == []


OBEYED = {
    "Answer in exactly 3 words.": ("It don't matter!", "It does not matter."),
    "Answer in two sentences.": ("Dr. Smith left. He saw 3.5 m of it, e.g. a wall!", "One."),
    "Answer in at least 2 paragraphs.": ("a\n\nb", "a\nb"),
    "Answer in exactly 2 bullet points.": ("- a\n- b", "a, b"),
    'Use the word "tea".': ("Green Tea.", "A teapot."),
    'Do not use the word "tea".': ("A teapot.", "Green Tea."),
    'Begin with "Dear".': ('"Dear Sir"', "Oh dear"),
    'End your reply with "Yours, Ann."': ("Bye.\nYours, Ann.", "Yours, Ann, I am"),
    "Answer in JSON.": ('```json\n{"a": [1]}\n```', "Sure: {}"),
    "Answer in all lowercase letters.": ("yes, 3", "Yes"),
    "Answer in all caps.": ("YES, 3!", "Yes"),
    "Use no commas.": ("yes and no", "yes, no"),
    "Answer in Greek.": ("Καλημέρα", "Good morning"),
    "Answer in German.": (
        "Der Hund und die Katze sind nicht in dem Haus.",
        "The dog and the cat are not in the house.",
    ),
}


@pytest.mark.parametrize("instruction", OBEYED)
def test_each_order_is_obeyed_by_one_reply_and_not_by_the_other(instruction: str) -> None:
    [order] = orders(instruction)
    assert [order.obeyed(reply) for reply in OBEYED[instruction]] == [True, False]


def test_the_same_order_twice_is_one() -> None:
    assert len(orders("Use no commas. Please use no commas.")) == 1


def test_an_instruction_that_never_ends_is_read_as_far_as_it_makes_sense() -> None:
    endless = "Answer in 3 sentences and in 2 paragraphs and " * 100_000
    assert {order.kind for order in orders(endless)} == {"sentences", "paragraphs"}


def test_units_are_counted_as_people_count_them() -> None:
    assert counted.words("don't go - 3 times") == 4
    assert counted.sentences('He left. "Why?" she said.\nNobody knew') == 4
    assert counted.sentences("1. First one.\n2. Second one.") == 2
    assert counted.paragraphs("a\n\n \n\nb\n***\nc") == 3
    assert counted.bullets("- a\n* b\n1. c\n12) d\n2024 was") == 4


def test_where_nobody_can_tell_the_language_nobody_does() -> None:
    assert is_in("Hello", "english") is None
    assert is_in("12", "russian") is None
    assert is_in("one two three four five six seven eight nine", "latin") is None
    assert is_in("Привет, как дела", "english") is False
    assert is_in("今日は学校に行きます", "japanese") is True
    assert is_in("今天我去学校", "japanese") is False
