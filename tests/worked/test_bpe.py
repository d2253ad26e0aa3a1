"""Byte pairs by hand, and texts that come back whole."""

import pytest

from mintmark.words.bpe import Tokens


def test_merges_by_hand():
    # " ab" three times and " abc" twice: (a, b) 5 and (space, a) 5; space is the lower byte. Then (" a", b) 5, and
    # (" ab", c) 2. Nothing is left that stands twice.
    learnt = Tokens.learn([" ab ab ab abc abc"], 10)
    assert learnt.merges == ((32, 97), (256, 98), (257, 99))
    assert learnt.encode(" ab abc ba") == [257, 258, 32, 98, 97]
    assert Tokens.learn([" ab ab ab abc abc"], 2).merges == ((32, 97), (256, 98))


def test_a_pair_that_overlaps_itself_is_merged_from_the_left():
    learnt = Tokens.learn(["aaaaa aaaaa"], 1)
    assert learnt.merges == ((97, 97),)
    assert learnt.encode("aaaaa") == [256, 256, 97]


def test_what_stands_once_is_not_merged():
    assert Tokens.learn(["unique"], 10).merges == ()


@pytest.mark.parametrize("text", ["", "hello hello", "naïve café 日本語 🙂", "  \n tabs\tand\n\nlines  ", "\x00\x7f"])
def test_any_text_comes_back(text):
    for learnt in (Tokens(()), Tokens.learn(["hello hello naïve naïve 日本 日本"], 50)):
        assert learnt.decode(learnt.encode(text)) == text


def test_broken_bytes_are_read_as_a_sign():
    assert Tokens(()).decode([0xC3]) == "\ufffd"
