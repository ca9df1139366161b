"""Patterns mean what ECMA-262 has them mean with the flag `u` (JSON Schema 2020-12, core 6.4)."""

import jsonschema_rs
import pytest

from eqkit.contract.schemas.patterns import PatternError, translated_pattern

MATCHES = [
    (r"^\p{L}+$", ["abcé"], ["1"]),
    (r"^\p{Script=Greek}\P{L}$", ["α1"], ["a1", "αa"]),
    (r"^(?<year>\d{4})-\k<year>$", ["2024-2024"], ["2024-2025"]),
    (r"^(a)(b)\2$", ["abb"], ["aba"]),
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
def test_a_pattern_matches_what_ecmascript_has_it_match(
    pattern: str, good: list[str], bad: list[str]
) -> None:
    validator = jsonschema_rs.Draft202012Validator({"pattern": translated_pattern(pattern)})
    assert [text for text in good if not validator.is_valid(text)] == []
    assert [text for text in bad if validator.is_valid(text)] == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[\w-.]+$", r"[\d-x]", "[b-a]", "[", "]", "(", ")", "{", "a{,2}", "a{2,1}", "a**", "a++", "*",
        r"\Z", r"\A", r"\h", r"\e", r"\1", r"(a)\2", r"\k<n>", r"(?<1>a)", "(?P<n>a)", "(?#c)", "(?i)a",
        r"\p{IsLatin}", r"\p{L", r"\u{110000}", r"\u12", r"\x1", r"\c1", r"\01", "\\",
        "[[:alpha:]]", "(?=a)*", r"\b+",
    ],
)  # fmt: skip
def test_what_ecmascript_refuses_is_refused_with_the_place(pattern: str) -> None:
    """Each is a SyntaxError of `new RegExp(pattern, "u")`."""
    with pytest.raises(PatternError, match=r"\(character [0-9]+\)$"):
        translated_pattern(pattern)
