"""The page on diff has every rule, with the severity, the meaning and the advice that a report has."""

from eqkit.checks.diff import rules
from tests.docs.pages import DOCS, rows

PAGE = DOCS / "reference/diff.md"


def written(prefix: str, known: dict[str, rules.Rule]) -> list[tuple[str, ...]]:
    """Return the rows that rules have on the page."""
    return [
        (f"`diff-{prefix}{name}`", rule.severity.value, rule.meaning, rule.advice or "")
        for name, rule in known.items()
    ]


def test_every_rule_is_listed_as_it_is() -> None:
    """The page lists the rules in the order of the code."""
    expected = [
        *written("", rules.RULES),
        *written("request-", rules.OF_REQUESTS),
        *written("response-", rules.OF_RESPONSES),
        *written("callback-", rules.TURNED),
    ]
    assert rows(PAGE, "Rule") == expected


def test_every_keyword_is_listed_with_its_severities() -> None:
    """The page gives each for requests and responses that admit less and more."""
    directions = [(is_request, is_narrower) for is_request in (True, False) for is_narrower in (True, False)]
    expected = [
        (
            f"`{keyword}`",
            meaning,
            *(
                rules.severity_of(keyword, is_request=is_request, is_narrower=is_narrower).value
                for is_request, is_narrower in directions
            ),
        )
        for keyword, meaning in rules.KEYWORDS.items()
    ]
    assert rows(PAGE, "Keyword") == expected


def test_every_name_of_a_rule_has_a_rule() -> None:
    """An ignore file can name it, and no two rules have one name."""
    names = rules.names()
    assert len(names) == len(set(names)) > 400
    assert all(rules.find(name).meaning for name in names)
