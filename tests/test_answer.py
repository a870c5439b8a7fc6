import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sa2va_nb.answer import parse_answer

REAL_ANSWERS = [
    (
        "<p>  Two children  </p>   [SEG]  are jumping on  <p>  a bed  </p>   [SEG]  .<|im_end|>",
        "Two children are jumping on a bed.",
        ("Two children", "a bed"),
    ),
    ("It is [SEG].<|im_end|>", "It is.", (None,)),
    ("Sure, it is [SEG].<|end|>", "Sure, it is.", (None,)),
    ("[SEG]", "", (None,)),
    ("[SEG] [SEG]", "", (None, None)),
    ("Sure, the segmentation results are [SEG], [SEG] and [SEG].", None, (None, None, None)),
    ("<s> ASSISTANT: It is [SEG].</s>", "It is.", (None,)),
    ("ASSISTANT: <p> The dog </p> [SEG] sleeps.", "The dog sleeps.", ("The dog",)),
    ("<|im_start|>assistant\n<p> A cat </p> [SEG] sits.<|im_end|>", "A cat sits.", ("A cat",)),
    ("There is no dog in the video.<|im_end|>", "There is no dog in the video.", ()),
    ("", "", ()),
    ("   \n ", "", ()),
    ("<p> A man </p> is walking with <p> a dog </p> [SEG] .", "A man is walking with a dog.", ("a dog",)),
    ("<p>a</p><p>b</p>[SEG]", "a b", ("b",)),
    ("<p> a dog </p> , [SEG] runs", "a dog, runs", (None,)),
    ("<p> a dog </p> [SEG] [SEG]", "a dog", ("a dog", None)),
    ("<p> a dog [SEG] runs off", "a dog runs off", ("a dog",)),
    ("<p>  </p> [SEG] stands", "stands", (None,)),
    ("<p> the man's\nred  hat </p> [seg]", "the man's red hat", ("the man's red hat",)),
    ("<p> 两个孩子 </p> [SEG] 在床上跳", "两个孩子 在床上跳", ("两个孩子",)),
    ("if a < b and b > c, [SEG]", "if a < b and b > c,", (None,)),
]


@pytest.mark.parametrize(("raw", "text", "phrases"), REAL_ANSWERS)
def test_answers_as_the_model_gives_them(raw, text, phrases):
    answer = parse_answer(raw)

    assert answer.phrases == phrases
    assert answer.raw == raw
    if text is not None:
        assert answer.text == text


def test_phrases_without_a_mask_are_kept_unpaired():
    answer = parse_answer("<p> A man </p> walks <p> a dog </p> [SEG] past <p> a tree </p>.")

    assert answer.unpaired_phrases == ("A man", "a tree")
    assert answer.phrases == ("a dog",)


def test_words_after_a_phrase_left_open_are_no_phrase():
    answer = parse_answer("<p> a dog [SEG] runs off")

    assert [(part.text, part.is_phrase) for part in answer.parts] == [("a dog", True), ("runs off", False)]


def test_parts_keep_the_reading_order():
    answer = parse_answer("Here <p> a dog </p> [SEG] and [SEG].")

    assert [(part.text, part.object) for part in answer.parts] == [
        ("Here", None),
        ("a dog", 0),
        ("and", None),
        ("", 1),
        (".", None),
    ]


@pytest.mark.parametrize("text", [None, b"It is [SEG].", 3, ["[SEG]"]])
def test_anything_but_text_is_a_type_error(text):
    with pytest.raises(TypeError, match="text must be the model's answer as a str"):
        parse_answer(text)


PIECES = st.sampled_from(
    [
        "<p>",
        "</p>",
        "[SEG]",
        "[seg]",
        "<|im_end|>",
        "<s>",
        " ",
        "\n",
        "a dog",
        ".",
        "<",
        "|>",
        "ASSISTANT:",
        "[",
        "$",
    ]
)


@settings(deadline=None)  # other jobs may share the cores
@given(st.text() | st.lists(PIECES).map("".join))
def test_any_text_gives_one_entry_for_each_mask_token(text):
    cleaned = re.sub(r"<\|[^<>|]*\|>|</?s>", " ", text)  # tokens inside a token's name don't count
    answer = parse_answer(text)

    assert len(answer.phrases) == len(re.findall(r"\[seg\]", cleaned, re.IGNORECASE))
    assert [part.object for part in answer.parts if part.object is not None] == list(
        range(len(answer.phrases))
    )


@settings(deadline=None)  # other jobs may share the cores
@given(st.lists(PIECES).map("".join))
def test_clean_text_holds_no_tokens_and_single_spaces(text):
    clean = parse_answer(text).text

    assert not re.search(r"<p>|</p>|\[SEG\]|\s\s", clean, re.IGNORECASE)
    assert clean == clean.strip()


@settings(deadline=None)  # other jobs may share the cores
@given(
    st.lists(st.tuples(st.from_regex(r"[a-z]{1,8}( [a-z]{1,8})?", fullmatch=True), st.booleans()), max_size=6)
)
def test_paired_phrases_survive_a_round_trip(items):
    raw = " and ".join(
        f"<p> {phrase} </p> [SEG]" if has_phrase else "then [SEG]" for phrase, has_phrase in items
    )

    assert parse_answer(raw).phrases == tuple(phrase if has_phrase else None for phrase, has_phrase in items)
