r"""Regular expressions of ECMA-262 with the flag `u`, in the words of Rust's engine.

JSON Schema 2020-12, core 6.4. One leniency: a mark that needs no backslash may have one (`\-`, `\_`),
which the flag forbids outside of a class, and which means the same everywhere.
"""

import functools
import re

import jsonschema_rs

_WORD = "[0-9A-Za-z_]"
_NOTHING, _ANYTHING = r"[^\s\S]", r"[\s\S]"
_ESCAPES = {
    "b": rf"(?:(?<={_WORD})(?!{_WORD})|(?<!{_WORD})(?={_WORD}))",
    "B": rf"(?:(?<={_WORD})(?={_WORD})|(?<!{_WORD})(?!{_WORD}))",
}
"""Where a word ends: in ECMA-262, one of ASCII."""

_CONTROLS = {"f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_SURROGATES = range(0xD800, 0xE000)
_GROUPS_THAT_LOOK = ("(?=", "(?!", "(?<=", "(?<!")
_QUANTIFIER = re.compile(r"[*+?]\??|\{([0-9]+)(?:,([0-9]*))?\}\??")
_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_FLAGS = re.compile(r"\(\?([ims]*)(?:-([ims]*))?:")
_PROPERTY = re.compile(r"\{(?:(?:sc|Script|scx|Script_Extensions|gc|General_Category)=)?[A-Za-z0-9_]+\}")
_PROPERTIES = """
C Cc Cf Cn Co Cs L LC Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp
Zs Other Control Format Unassigned Private_Use Surrogate Letter Cased_Letter Lowercase_Letter
Modifier_Letter Other_Letter Titlecase_Letter Uppercase_Letter Mark Combining_Mark Spacing_Mark
Enclosing_Mark Nonspacing_Mark Number Decimal_Number digit Letter_Number Other_Number Punctuation punct
Connector_Punctuation Dash_Punctuation Close_Punctuation Final_Punctuation Initial_Punctuation
Other_Punctuation Open_Punctuation Symbol Currency_Symbol Modifier_Symbol Math_Symbol Other_Symbol
Separator Line_Separator Paragraph_Separator Space_Separator ASCII AHex ASCII_Hex_Digit Alpha Alphabetic
Any Assigned Bidi_C Bidi_Control Bidi_M Bidi_Mirrored CI Case_Ignorable Cased CWCF CWCM CWKCF CWL CWT
CWU Changes_When_Casefolded Changes_When_Casemapped Changes_When_Lowercased Changes_When_NFKC_Casefolded
Changes_When_Titlecased Changes_When_Uppercased Dash DI Default_Ignorable_Code_Point Dep Deprecated Dia
Diacritic Emoji EComp Emoji_Component EMod Emoji_Modifier EBase Emoji_Modifier_Base EPres
Emoji_Presentation ExtPict Extended_Pictographic Ext Extender Gr_Base Grapheme_Base Gr_Ext
Grapheme_Extend Hex Hex_Digit IDSB IDS_Binary_Operator IDST IDS_Trinary_Operator IDC ID_Continue IDS
ID_Start Ideo Ideographic Join_C Join_Control LOE Logical_Order_Exception Lower Lowercase Math NChar
Noncharacter_Code_Point Pat_Syn Pattern_Syntax Pat_WS Pattern_White_Space QMark Quotation_Mark Radical
RI Regional_Indicator STerm Sentence_Terminal SD Soft_Dotted Term Terminal_Punctuation UIdeo
Unified_Ideograph Upper Uppercase VS Variation_Selector space White_Space XIDC XID_Continue XIDS
XID_Start
"""
"""The names that stand in ``\\p{…}`` by themselves (ECMA-262, tables 67 to 69)."""

_KNOWN_PROPERTIES = frozenset(_PROPERTIES.split())


class PatternError(ValueError):
    """A text that is no regular expression of ECMA-262, or one that nothing can match by."""


@functools.lru_cache(maxsize=4096)
def translated_pattern(pattern: str) -> str:
    """Return a pattern in the words of Rust's engine; raises PatternError with the fault and its place."""
    rust = _Parser(pattern).pattern()
    try:
        jsonschema_rs.Draft202012Validator({"pattern": rust})
    except jsonschema_rs.ValidationError:
        raise PatternError(
            "it can't be compiled: it is too large, or looks back in a way not known"
        ) from None
    return rust


class _Parser:
    """Reads one pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0
        self._names = _group_names(pattern)

    def pattern(self) -> str:
        """Return the whole pattern."""
        found = self._alternatives()
        if self._at < len(self._text):
            raise self._error("a ) closes nothing")
        return found

    def _error(self, message: str) -> PatternError:
        return PatternError(f"{message} (character {self._at + 1})")

    def _takes(self, text: str) -> bool:
        found = self._text.startswith(text, self._at)
        self._at += len(text) * found
        return found

    def _matched(self, expression: re.Pattern[str]) -> re.Match[str] | None:
        found = expression.match(self._text, self._at)
        if found is not None:
            self._at = found.end()
        return found

    def _alternatives(self) -> str:
        parts = []
        while self._at < len(self._text) and self._text[self._at] != ")":
            parts.append("|" if self._takes("|") else self._term())
        return "".join(parts)

    def _term(self) -> str:
        for start in _GROUPS_THAT_LOOK:
            if self._takes(start):
                return f"{start}{self._group()}"
        for mark in ("^", "$"):
            if self._takes(mark):
                return mark
        if self._text.startswith(("\\b", "\\B"), self._at):
            self._at += 2
            return _ESCAPES[self._text[self._at - 1]]
        return self._atom() + self._quantifier()

    def _group(self) -> str:
        inner = self._alternatives()
        if not self._takes(")"):
            raise self._error("a ( is not closed")
        return f"{inner})"

    def _quantifier(self) -> str:
        found = self._matched(_QUANTIFIER)
        if found is None:
            return ""
        if found[1] and found[2] and int(found[1]) > int(found[2]):
            raise self._error(f"{found[0]} has its numbers out of order")
        return found[0]

    def _atom(self) -> str:
        if flags := self._matched(_FLAGS):
            return flags[0] + self._group()
        if self._takes("(?<"):
            if self._matched(_NAME) is None or not self._takes(">"):
                raise self._error("a group has no name between < and >")
            return f"({self._group()}"
        if self._takes("("):
            if self._takes("?"):
                raise self._error("(? begins nothing that there is")
            return f"({self._group()}"
        if self._takes("["):
            return self._class()
        if self._takes("\\"):
            return self._escape()
        here = self._text[self._at]
        if here in "*+?{}])":
            raise self._error(f"{here} stands where it means nothing; write \\{here}")
        self._at += 1
        return r"[^\n\r\x{2028}\x{2029}]" if here == "." else _literal(ord(here))

    def _escape(self) -> str:
        if self._matched(re.compile("k<")):
            name = self._matched(_NAME)
            if name is None or not self._takes(">") or name[0] not in self._names:
                raise self._error("\\k names no group")
            return f"(?:\\{self._names.index(name[0]) + 1})"
        number = self._matched(re.compile("[1-9][0-9]*"))
        if number is not None:
            if int(number[0]) > len(self._names):
                raise self._error(f"there is no group {number[0]}")
            return f"(?:\\{number[0]})"
        if (known := self._class_escape()) is not None:
            return known
        code = self._character()
        return _NOTHING if code in _SURROGATES else _literal(code)

    def _class_escape(self) -> str | None:
        """Return an escape that stands for many characters, None if there is another."""
        here = self._text[self._at : self._at + 1]
        if here and here in "dDsSwW":
            self._at += 1
            return f"\\{here}"
        if here and here in "pP":
            self._at += 1
            found = self._matched(_PROPERTY)
            name = found[0][1:-1] if found else ""
            if found is None or not ("=" in name or name in _KNOWN_PROPERTIES):
                raise self._error(f"\\{here} names no property of Unicode")
            return f"\\{here}{found[0]}"
        return None

    def _character(self) -> int:
        """Return the code point of an escape whose backslash has been read."""
        if found := self._matched(re.compile(r"u\{0*([0-9A-Fa-f]{1,6})\}")):
            code = int(found[1], 16)
            if code > 0x10FFFF:
                raise self._error(f"there is no character {found[0]}")
            return code
        if found := self._matched(
            re.compile(r"u([dD][89abAB][0-9A-Fa-f]{2})\\u([dD][c-fC-F][0-9A-Fa-f]{2})")
        ):
            return 0x10000 + ((int(found[1], 16) - 0xD800) << 10) + int(found[2], 16) - 0xDC00
        if found := self._matched(re.compile(r"u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})")):
            return int(found[1] or found[2], 16)
        if found := self._matched(re.compile(r"c([A-Za-z])")):
            return ord(found[1]) % 32
        if self._matched(re.compile(r"0(?![0-9])")):
            return 0
        here = self._text[self._at : self._at + 1]
        if not here or (here.isalnum() and here not in _CONTROLS):
            raise self._error(f"\\{here} is no escape")
        self._at += 1
        return ord(_CONTROLS.get(here, here))

    def _class(self) -> str:
        is_negated = self._takes("^")
        parts: list[str] = []
        while not self._takes("]"):
            first = self._class_atom()
            if not self._text.startswith("-", self._at) or self._text.startswith("-]", self._at):
                parts.append(first if isinstance(first, str) else _range(first, first))
                continue
            self._at += 1
            last = self._class_atom()
            if isinstance(first, str) or isinstance(last, str):
                raise self._error(
                    "a range within [ ] begins or ends with a class such as \\w; write \\- for a -"
                )
            if first > last:
                raise self._error("a range within [ ] is out of order")
            parts.append(_range(first, last))
        inner = "".join(parts)
        if not inner:
            return _ANYTHING if is_negated else _NOTHING
        return f"[{'^' * is_negated}{inner}]"

    def _class_atom(self) -> str | int:
        """Return the code point of one character of a class, or an escape that stands for many."""
        if self._at >= len(self._text):
            raise self._error("a [ is not closed")
        if not self._takes("\\"):
            self._at += 1
            return ord(self._text[self._at - 1])
        if self._takes("b"):
            return 8
        known = self._class_escape()
        return self._character() if known is None else known


def _group_names(pattern: str) -> list[str]:
    """Return the names of a pattern's groups, "" for one that has none, in their order."""
    names, is_in_class = [], False
    for found in re.finditer(r"\\.|[\[\]]|\(\?<([A-Za-z_$][\w$]*)>|\((?!\?)", pattern, re.DOTALL):
        if found[0] in "[]":
            is_in_class = found[0] == "["
        elif found[0].startswith("(") and not is_in_class:
            names.append(found[1] or "")
    return names


def _literal(code: int) -> str:
    character = chr(code)
    return character if character.isalnum() and character.isascii() else f"\\x{{{code:X}}}"


def _range(first: int, last: int) -> str:
    """Return a range of characters, without the surrogates, which no text has."""
    first = _SURROGATES.stop if first in _SURROGATES else first
    last = _SURROGATES.start - 1 if last in _SURROGATES else last
    if first > last:
        return ""
    return _literal(first) if first == last else f"{_literal(first)}-{_literal(last)}"
