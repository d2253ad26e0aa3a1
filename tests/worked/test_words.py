"""Text as numbers: everything that is worked out on whole runs at once equals what plain Python says of each text."""

import re
from itertools import combinations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mintmark.data.schema import Personal
from mintmark.words import coded, minhash
from mintmark.words.buckets import Buckets
from mintmark.words.coded import Coded
from mintmark.words.encoders import Letters, Topics
from mintmark.words.growing import Shelf
from mintmark.words.jaccard import jaccard
from mintmark.words.lookup import Lookup
from mintmark.words.passages import passage, share_within
from mintmark.words.rouge import Pool, rouge_l
from mintmark.words.texts import plain
from mintmark.words.traces import traces

TEXTS = st.lists(st.text(alphabet="abAB1 .,-'\n", max_size=40), max_size=12)
FEW_WORDS = st.lists(st.lists(st.sampled_from("abcd"), max_size=12), max_size=10)


def plainly(text: str) -> list[str]:
    """The tokens of the ROUGE package."""
    return re.findall(r"[a-z0-9]+", text.lower())


@given(TEXTS)
@example(["", "a", "", "a-a", " "])
def test_ascii_words_are_those_of_the_rouge_package_and_equal_where_these_are(texts: list[str]) -> None:
    found = coded.words(texts)
    expected = [plainly(text) for text in texts]
    assert [len(found[i]) for i in range(len(texts))] == [len(words) for words in expected]
    assert same_classes(found.codes.tolist(), [word for words in expected for word in words])


def same_classes(codes: list[int], things: list) -> bool:
    """Are the same places equal in both lists?"""
    return len(codes) == len(things) and len(set(codes)) == len(set(things)) == len(
        set(zip(codes, things, strict=True))
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("ﬁne ① ½", ["fine", "1", "1", "2"]),
        ("naïve nai\u0308ve", ["naïve", "naïve"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("今天好 ok", ["今", "天", "好", "ok"]),
        ("สวัสดี", list("สวัสดี")),
        ("“quoted” – don’t", ["quoted", "don", "t"]),
        ("🙂 ok🙂ok", ["ok", "ok"]),
    ],
)
def test_words_of_any_script_are_found(text: str, words: list[str]) -> None:
    assert [plain(text)[begin:end] for begin, end in coded.spans(text)] == words
    assert len(coded.words([text])[0]) == len(words)


def test_a_missing_text_has_no_words() -> None:
    assert coded.words([None, "", "one"]).counts.tolist() == [0, 0, 1]
    assert len(coded.words([])) == 0


def joined(words: list[list[str]]) -> Coded:
    return coded.words([" ".join(each) for each in words])


@given(FEW_WORDS, st.integers(1, 5))
def test_n_grams_are_equal_where_their_words_are(texts: list[list[str]], n: int) -> None:
    grams = [[tuple(words[i : i + n]) for i in range(len(words) - n + 1)] for words in texts]
    found = coded.grams(joined(texts), n)
    assert found.counts.tolist() == [len(each) for each in grams]
    assert same_classes(found.codes.tolist(), [gram for each in grams for gram in each])
    expected = [each or ([tuple(words)] if words else []) for each, words in zip(grams, texts, strict=True)]
    shingled = coded.shingles(joined(texts), n)
    assert shingled.counts.tolist() == [len(each) for each in expected]
    assert same_classes(shingled.codes.tolist(), [gram for each in expected for gram in each])


@given(FEW_WORDS)
def test_whole_texts_are_equal_where_all_their_words_are(texts: list[list[str]]) -> None:
    assert same_classes(coded.wholes(joined(texts)).tolist(), [tuple(words) for words in texts])


@given(FEW_WORDS, st.data())
def test_texts_are_taken_in_any_order(texts: list[list[str]], data: st.DataObject) -> None:
    whole = joined(texts)
    rows = data.draw(st.lists(st.integers(0, max(len(texts) - 1, 0)), max_size=5 if texts else 0))
    taken = whole.take(np.array(rows, np.int64))
    assert [taken[i].tolist() for i in range(len(rows))] == [whole[row].tolist() for row in rows]
    shelf = Shelf()
    shelf.add(whole)
    shelf.add(taken)
    assert len(shelf) == len(texts) + len(rows)
    assert [shelf[len(texts) + i].tolist() for i in range(len(rows))] == [whole[row].tolist() for row in rows]


def test_the_jaccard_similarity_is_what_both_hold_of_what_either_holds() -> None:
    assert jaccard(frozenset({1, 2, 3}), frozenset({2, 3, 4})) == 0.5
    assert jaccard(frozenset(), frozenset()) == 0
    assert jaccard(frozenset({1}), frozenset({1})) == 1


@pytest.mark.parametrize("shared", [10, 50, 90])
def test_signatures_agree_as_often_as_sets_are_alike(shared: int) -> None:
    """2,000 orders; a share four standard errors off would come up once in 15,000."""
    sets = [range(100), range(100 - shared, 200 - shared)]
    codes = coded.mixed(np.array([x for each in sets for x in each], np.uint64) + np.uint64(1))
    signed = minhash.signatures(Coded(codes, np.array([0, 100, 200])), 2000)
    truth = shared / (200 - shared)
    assert abs((signed[:, 0] == signed[:, 1]).mean() - truth) < 4 * np.sqrt(truth * (1 - truth) / 2000)


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7, 0.8, 0.9, 1.0])
@pytest.mark.parametrize("recall", [0.9, 0.98, 0.999])
def test_bands_find_a_pair_at_the_threshold_as_surely_as_was_asked(threshold: float, recall: float) -> None:
    bands, rows = minhash.shape(threshold, recall)
    assert 1 - (1 - threshold**rows) ** bands >= recall


def test_an_empty_set_has_a_signature_too_and_disturbs_no_other() -> None:
    sets = coded.words(["", "a b", "", "a b", ""])
    keys = minhash.bands(minhash.signatures(sets, 6), 3, 2)
    assert (keys[1] == keys[3]).all()
    assert (keys[0] == keys[2]).all()
    assert not (keys[0] == keys[1]).any()


@settings(max_examples=50)
@given(st.lists(st.lists(st.integers(0, 20), min_size=3, max_size=3), max_size=30), st.integers(0, 30))
def test_texts_that_share_a_key_and_enough_marks_are_found_and_no_others(rows: list[list[int]], cut: int) -> None:
    # A key's band is part of it, as in `minhash.bands`.
    keys = np.array([[3 * key + band for band, key in enumerate(row)] for row in rows], np.uint64).reshape(-1, 3)
    marks = np.array([[key % 3 for key in row] for row in rows], np.uint8).reshape(-1, 3)
    known, asked = keys[:cut], keys[cut:]
    buckets = Buckets(3, 3, 2)
    for start in range(0, len(known), 7):
        buckets.add(known[start : start + 7], marks[:cut][start : start + 7])
    row, earlier = buckets.sharing(asked, marks[cut:])
    expected = [
        (i, j)
        for i in range(len(asked))
        for j in range(len(known))
        if (asked[i] == known[j]).any() and (marks[cut:][i] == marks[j]).sum() >= 2
    ]
    assert list(zip(row.tolist(), earlier.tolist(), strict=True)) == expected


def test_buckets_grow() -> None:
    keys = coded.mixed(np.arange(60_000, dtype=np.uint64)).reshape(-1, 3)
    marks = np.zeros((len(keys), 1), np.uint8)
    buckets = Buckets(3, 1, 1)
    for start in range(0, len(keys), 999):
        buckets.add(keys[start : start + 999], marks[start : start + 999])
    row, earlier = buckets.sharing(keys[::100], marks[::100])
    assert (earlier == 100 * row).all()
    assert len(row) == 200


@given(st.lists(st.integers(0, 50), max_size=30), st.lists(st.integers(0, 50), max_size=30))
def test_known_codes_are_found_in_order(known: list[int], asked: list[int]) -> None:
    lookup = Lookup(Coded(np.array(known, np.uint64), np.arange(len(known) + 1)))
    places, owners = lookup.find(np.array(asked, np.uint64))
    expected = [(place, known.index(code)) for place, code in enumerate(asked) if code in known]
    assert list(zip(places.tolist(), owners.tolist(), strict=True)) == expected


def longest(one: list, other: list) -> int:
    """The textbook's table (Cormen et al., section 15.4)."""
    row = [0] * (len(other) + 1)
    for x in one:
        last = row
        row = [0]
        for j, y in enumerate(other):
            row.append(last[j] + 1 if x == y else max(last[j + 1], row[j]))
    return row[-1]


@given(st.lists(st.integers(0, 4), max_size=80), st.lists(st.integers(0, 4), max_size=80))
def test_rouge_l_is_that_of_the_textbook(one: list[int], other: list[int]) -> None:
    total = len(one) + len(other)
    assert rouge_l(one, other) == (2 * longest(one, other) / total if total else 0.0)


def test_rouge_l_of_the_paper() -> None:
    """Lin 2004, section 3.1: "police kill the gunman" has 3 of the words of "police killed the gunman" in order."""
    assert rouge_l(["police", "killed", "the", "gunman"], ["police", "kill", "the", "gunman"]) == 0.75
    assert rouge_l(["police", "killed", "the", "gunman"], ["the", "gunman", "kill", "police"]) == 0.5


@settings(max_examples=200)
@given(FEW_WORDS, st.lists(st.sampled_from("abcde"), max_size=12), st.floats(0, 1))
def test_the_nearest_of_a_pool_is_the_nearest_of_all(pool: list[list[str]], text: list[str], over: float) -> None:
    known = Pool()
    words = joined([*pool, text])
    for place in range(len(pool)):
        known.add(words[place])
    scores = [rouge_l(words[place].tolist(), words[len(pool)].tolist()) for place in range(len(pool))]
    best = max(scores, default=0.0)
    found = known.nearest(words[len(pool)], over=over)
    assert (found is None) == (best <= over)
    if found:
        assert found[0] == best == scores[found[1]]
    first = known.nearest(words[len(pool)], over=over, first=True)
    assert (first is None) == (found is None)
    assert first is None or (over < first[0] == scores[first[1]])


def test_scores_are_those_of_the_rouge_package() -> None:
    scorer = pytest.importorskip("rouge_score.rouge_scorer").RougeScorer(["rougeL"], use_stemmer=False)
    texts = [
        "Write a poem about the sea.", "Write a short poem about the sea and don't rhyme!", "Give three tips, please",
        "A list of 3 tips: 1) eat; 2) sleep; 3) walk_more", "", "What is the sea?",
    ]  # fmt: skip
    for one, other in combinations(texts, 2):
        a, b = (coded.words([text])[0].tolist() for text in (one, other))
        assert rouge_l(a, b) == pytest.approx(scorer.score(one, other)["rougeL"].fmeasure, abs=1e-12)


def test_the_share_of_an_item_within_a_text_counts_runs_in_order() -> None:
    item = [1, 2, 3, 4, 5, 6, 7, 8]
    assert share_within([9, 1, 2, 3, 9, 9, 6, 7, 8, 9], item) == 6 / 8
    assert share_within(item, item) == 1
    assert share_within([8, 7, 6], item) == 1 / 8
    assert share_within([], item) == share_within(item, []) == 0


def test_a_passage_is_shown_as_it_stands() -> None:
    assert passage("Hello,  World! How (are) you?", 1, 3) == "world! how (are"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("write to Ann <ann.lee@mail.example.org>, please", [Personal.EMAIL]),
        ("pay to DE89 3704 0044 0532 0130 00 today", [Personal.IBAN]),
        ("pay to DE89 3704 0044 0532 0130 01 today", []),
        ("card 4111 1111 1111 1111, code 123", [Personal.CARD]),
        ("card 4111 1111 1111 1112", []),
        ("her number is 078-05-1120.", [Personal.SSN]),
        ("ring +44 20 7946 0958 or (212) 555-0142", [Personal.PHONE, Personal.PHONE]),
        ("ring 212-555-0142", [Personal.PHONE]),
        ("from 8.8.8.8 to 192.168.0.1", [Personal.IP]),
        ("version 1.2.3.4.5, 2021-03-04, $1,000,000, pages 10-12, 999.999.999.999", []),
        ("@handle said 3 @ 5 pounds", []),
        ("", []),
    ],
)
def test_what_proves_itself_is_found_in_running_text(text: str, kinds: list[Personal]) -> None:
    assert [kind for kind, _ in traces(text)] == kinds


def test_letters_see_the_same_words_and_topics_see_words_that_go_together() -> None:
    a, b, c = Letters().encode(["The cats sleep.", "the cat sleeps", "stock markets rally"])
    assert a @ b > 0.6 > 0.2 > a @ c
    seas = ["the ship sails the sea", "a ship and its captain", "the captain of the sea", "sea and sail"] * 8
    money = ["the bank lends money", "money and interest", "a bank asks interest", "interest of the bank"] * 8
    topics = Topics([*seas, *money], np.random.default_rng(0), axes=2)
    ship, captain, bank = topics.encode(["ship", "captain", "bank"])
    assert ship @ captain > 0.8
    assert ship @ bank < 0.5
    assert not topics.encode(["xylophone"]).any()
