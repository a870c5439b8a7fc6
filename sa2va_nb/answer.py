"""The model's text, parsed: clean words, and a phrase for each ``[SEG]``."""

import re
from dataclasses import dataclass

# What the tokenizers of the Sa2VA family leave in their output besides <p>, </p> and [SEG].
_LEFTOVER = re.compile(
    r"<\|im_start\|>\s*assistant\b|<\|[^<>|]*\|>|</?s>|<pad>|<unk>|</?vp>|</?img>", re.IGNORECASE
)
_ROLE = re.compile(r"^\s*ASSISTANT:", re.IGNORECASE)
_TOKEN = re.compile(r"(<p>|</p>|\[SEG\])", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
# What stands alone once the tokens are gone: "Sure, [SEG]." is "Sure."
_STRAY = re.compile(r"(?:\s*,)?\s+(?=[.;:!?])|,(?=[,.;:!?](?:\s|$))|\s+(?=[,)\]])|(?<=[(\[])\s+")


@dataclass(frozen=True)
class Part:
    """A stretch of the answer, in reading order.

    Attributes:
        text: the words, cleaned; empty for a ``[SEG]`` that no phrase stands in front of.
        object: index of the ``[SEG]`` that belongs to these words, or None.
        is_phrase: True for words the model put between ``<p>`` and ``</p>``.
    """

    text: str
    object: int | None = None
    is_phrase: bool = False


@dataclass(frozen=True)
class Answer:
    """What the model said.

    Attributes:
        raw: the text as it came.
        text: the same without tokens, spaced as a person would.
        phrases: for each ``[SEG]``, in order, the phrase directly in front of it, or None.
        parts: the text cut into plain words, phrases and bare ``[SEG]`` marks.
    """

    raw: str
    text: str
    phrases: tuple[str | None, ...]
    parts: tuple[Part, ...]

    @property
    def unpaired_phrases(self) -> tuple[str, ...]:
        """Phrases that no ``[SEG]`` follows directly."""
        return tuple(part.text for part in self.parts if part.is_phrase and part.object is None)


def parse_answer(text: str) -> Answer:
    """Parse the text that came with the masks.

    A phrase belongs to a ``[SEG]`` only when nothing but white space stands between them;
    everything else is kept unpaired.

    Args:
        text: the model's output, such as ``"<p> A dog </p> [SEG] runs.<|im_end|>"``.

    Returns:
        The answer; ``len(answer.phrases)`` is the number of ``[SEG]`` tokens.

    Raises:
        TypeError: if ``text`` is not a str.

    >>> answer = parse_answer("<p>  Two children  </p>   [SEG]  are jumping on  <p>  a bed  </p>   [SEG]  .<|im_end|>")
    >>> answer.text
    'Two children are jumping on a bed.'
    >>> answer.phrases
    ('Two children', 'a bed')
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be the model's answer as a str, got {type(text).__name__}")
    parts = _pair(_TOKEN.split(_ROLE.sub("", _LEFTOVER.sub(" ", sound_text(text)))))
    phrase_of = {part.object: part.text or None for part in parts if part.object is not None}
    return Answer(
        raw=text,
        text=_STRAY.sub("", " ".join(part.text for part in parts if part.text)),
        phrases=tuple(phrase_of[index] for index in range(len(phrase_of))),
        parts=tuple(parts),
    )


def sound_text(text: str) -> str:
    """Replace lone surrogates, which json may hold and no file in UTF-8 can, and NUL, at which others end a text."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


def _pair(tokens: list[str]) -> list[Part]:
    """Walk the tokens once; a ``[SEG]`` takes the phrase that ended just before it, if any."""
    parts: list[Part] = []
    n_seg, in_phrase, pending = 0, False, False  # pending: the last part is a phrase still free to pair
    for token in tokens:
        mark = token.lower()
        if mark == "<p>":
            in_phrase, pending = True, False
        elif mark == "</p>":
            in_phrase = False
        elif mark == "[seg]":
            if pending:
                parts[-1] = Part(parts[-1].text, n_seg, is_phrase=True)
            else:
                parts.append(Part("", n_seg))
            n_seg, in_phrase, pending = n_seg + 1, False, False  # also ends a phrase that was left open
        elif words := _SPACE.sub(" ", token).strip():
            parts.append(Part(words, is_phrase=in_phrase))
            pending = in_phrase
    return parts
