"""Patterns mean the same as in ECMA-262 with the flag `u` (JSON Schema 2020-12, core 6.4)."""

import jsonschema_rs
import pytest

from eqkit.contract.schemas.patterns import PatternError, translated_pattern

MATCHES = [
    (r"^\p{L}+$", ["abcé"], ["1"]),
    (r"^\p{Script=Greek}\P{L}$", ["α1"], ["a1", "αa"]),
    (r"^(?<year>\d{4})-\k<year>$", ["2024-2024"], ["2024-2025"]),
    (r"^(?<a1>a)\k<a1>0$", ["aa0"], ["aa"]),
    (r"^(a)(b)\2$", ["abb"], ["aba"]),
    (r"^(?:a)[(\](](b)\1\x30$", ["a(bb0"], ["a(ba0"]),
    (r"^\u{1F600}\ud83d\ude00$", ["😀😀"], ["😀"]),
    (r"^\cA\x41\u0042\0$", ["\x01AB\0"], ["AB"]),
    (r"^[\b\-\]\\]$", ["\b", "-", "]", "\\"], ["b"]),
    (r"^\d\w$", ["1a"], ["٣a", "1é"]),
    (r"^\s$", ["\ufeff", "\u00a0", "\u2028"], ["\u0085", "x"]),
    (r"^.$", ["a", "😀", "\u0085"], ["\n", "\r", "\u2028", "\u2029"]),
    (r"a$", ["a"], ["a\n"]),
    (r"\bé", ["aé"], ["é"]),
    (r"^[]$", [], ["", "a"]),
    (r"^[^]$", ["a", "\n"], [""]),
    (r"^[^a-c-]$", ["d"], ["a", "b", "c", "-"]),
    (r"^[-a]$", ["-", "a"], ["b"]),
    (r"^[\ud7ff-\ue000]$", ["\ud7ff", "\ue000"], ["\ue001"]),
    (r"^[\udc00-\ue001]$", ["\ue000", "\ue001"], ["\ud7ff", "\ue002"]),
    (r"^[\ud7fe-\udc00]$", ["\ud7fe", "\ud7ff"], ["\ud7fd", "\ue000"]),
    (r"^[\ud800-\udfff]$", [], ["a", "\ud7ff", "\ue000"]),
    (r"^\f\n\r\t\v\cj\cZ\u{000041}$", ["\f\n\r\t\v\n\x1aA"], [""]),
    (r"^(?s:.)(?i-m:A)$", ["\u0085a"], ["\na", "bb"]),
    (r"^a*b+c?d*?e+?f??g{2}h{2,}i{2,3}?$", ["begghhii", "aabbcddeefgghhhiii"], ["beghhii", "begghhi"]),
    (r"^(?:a|bc|)$", ["a", "bc", ""], ["b"]),
    (r"a\Bb\b", ["ab", "ab c"], ["a b", "abc"]),
    (r"^[[&~]+$", ["[&&~~"], ["]"]),
    (r"^[\u0000-\uffff]$", ["a"], ["😀"]),
    (r"^[^\ud800-\udfff]$", ["a", "😀"], [""]),
    (r"^(?:(?=a)a|(?<!b)c)$", ["a", "c"], ["b"]),
    (r"^(?i:ab)c$", ["ABc"], ["abC"]),
    (r"^a{2,3}?b*?$", ["aa", "aaab"], ["a"]),
    (r"^\/\-\#$", ["/-#"], [""]),
    (r"^#a b$", ["#a b"], ["ab"]),
]


@pytest.mark.parametrize(("pattern", "good", "bad"), MATCHES, ids=[pattern for pattern, _, _ in MATCHES])
def test_a_pattern_matches_the_same_texts_as_in_ecmascript(
    pattern: str, good: list[str], bad: list[str]
) -> None:
    validator = jsonschema_rs.Draft202012Validator({"pattern": translated_pattern(pattern)})
    assert [text for text in good if not validator.is_valid(text)] == []
    assert [text for text in bad if validator.is_valid(text)] == []


REFUSED = [
    (r"^[\w-.]+$", "a range within [ ] begins or ends with a class such as \\w; write \\- for a -", 7),
    (r"ab[\d-x]", "a range within [ ] begins or ends with a class such as \\w; write \\- for a -", 8),
    (r"[a-\w]", "a range within [ ] begins or ends with a class such as \\w; write \\- for a -", 6),
    ("[c-ba]", "a range within [ ] is out of order", 5),
    (r"\ud83d\u0041[b-a]", "a range within [ ] is out of order", 17),
    ("[", "a [ is not closed", 2),
    (r"[\\", "a [ is not closed", 4),
    ("(", "a ( is not closed", 2),
    ("(?=a", "a ( is not closed", 5),
    ("a)", "a ) closes nothing", 2),
    ("a]", "] stands where it means nothing; write \\]", 2),
    ("{", "{ stands where it means nothing; write \\{", 1),
    ("a{,2}", "{ stands where it means nothing; write \\{", 2),
    ("a}", "} stands where it means nothing; write \\}", 2),
    ("*", "* stands where it means nothing; write \\*", 1),
    ("a**", "* stands where it means nothing; write \\*", 3),
    ("a++", "+ stands where it means nothing; write \\+", 3),
    ("a???", "? stands where it means nothing; write \\?", 4),
    ("(?=a)*", "* stands where it means nothing; write \\*", 6),
    ("a(?<!b)*", "* stands where it means nothing; write \\*", 8),
    (r"\b+", "+ stands where it means nothing; write \\+", 3),
    ("^*", "* stands where it means nothing; write \\*", 2),
    ("a{2,1}x", "{2,1} has its numbers out of order", 7),
    (r"\Z", "\\Z is no escape", 2),
    (r"\A", "\\A is no escape", 2),
    (r"a\h", "\\h is no escape", 3),
    (r"[\q]", "\\q is no escape", 3),
    (r"\u12", "\\u is no escape", 2),
    (r"\u{}", "\\u is no escape", 2),
    (r"\x1", "\\x is no escape", 2),
    (r"\c1", "\\c is no escape", 2),
    (r"\01", "\\0 is no escape", 2),
    ("\\", "\\ is no escape", 2),
    (r"\u{110000}", "there is no character u{110000}", 11),
    (r"\1", "there is no group 1", 3),
    (r"(a)\2", "there is no group 2", 6),
    (r"(?:a)[(]\1", "there is no group 1", 11),
    (r"\k<n>", "\\k names no group", 6),
    (r"(?<n>a)\k<n", "\\k names no group", 12),
    (r"(?<n>a)\k<m>", "\\k names no group", 13),
    ("(?<1>a)", "a group has no name between < and >", 4),
    ("(?<n", "a group has no name between < and >", 5),
    ("(?P<n>a)", "(? begins nothing that there is", 3),
    ("(?#c)", "(? begins nothing that there is", 3),
    ("(?i)a", "(? begins nothing that there is", 3),
    (r"\p{IsLatin}", "\\p names no property of Unicode", 12),
    (r"\P{L", "\\P names no property of Unicode", 3),
    ("[[:alpha:]]", "] stands where it means nothing; write \\]", 11),
]


@pytest.mark.parametrize(("pattern", "message", "place"), REFUSED, ids=[pattern for pattern, _, _ in REFUSED])
def test_a_pattern_that_ecmascript_refuses_is_refused_with_the_place(
    pattern: str, message: str, place: int
) -> None:
    """Each is a SyntaxError of `new RegExp(pattern, "u")`; the place is where reading has come to."""
    with pytest.raises(PatternError) as refused:
        translated_pattern(pattern)
    assert str(refused.value) == f"{message} (character {place})"


@pytest.mark.parametrize("pattern", ["(a{1000}){1000}", r"(a)(?<=\1*)b"])
def test_a_pattern_that_the_engine_cannot_compile_is_refused(pattern: str) -> None:
    """A valid pattern is refused if it is too large, or looks back over text without a bound."""
    with pytest.raises(PatternError, match="can't be compiled"):
        translated_pattern(pattern)


@pytest.mark.parametrize(
    "pattern", [r"a{2,2}", r"a{10,11}", r"\u{10FFFF}", r"[a-a]", r"(a)\1", r"[\u{10FFFF}]"]
)
def test_the_last_that_is_allowed_is_no_error(pattern: str) -> None:
    """One more would be."""
    assert translated_pattern(pattern)
