"""The page on the checks of servers repeats the descriptions of the checks."""

from eqkit.elasticqueue.probe.probes import ALL
from tests.docs.pages import DOCS, rows

PAGE = DOCS / "reference/server-checks.md"


def listed() -> dict[str, list[str]]:
    """Return the cells beside each rule of the page; a row may name several rules."""
    return {name.strip("`"): cells for names, *cells in rows(PAGE, "Rule") for name in names.split()}


def test_every_probe_is_listed_with_its_demand() -> None:
    """Name, rulings and sentence are those of the probe."""
    probes = {f"probe-{each.name}": [each.rulings, each.act.__doc__] for each in ALL}
    assert {rule: cells for rule, cells in listed().items() if rule.startswith("probe-")} == probes
