"""Reference pages say what the policy data says."""

from procedures.library.entry import Kind, dump, restore
from procedures.library.pages import Page, pages
from procedures.reference.contacts import load_contacts
from procedures.reference.glossary import load_glossary
from procedures.reference.indicators import load
from procedures.reference.levels import Level
from procedures.reference.severities import load_severities
from procedures.reference.useful_commands import load_useful_commands
from procedures.risk.assessment import assess
from procedures.runbook.secrecy import shown_secrets

PAGES = {page.id: page for page in pages()}


def page(id: str) -> Page:
    return PAGES[id]


def test_every_contact_is_reachable_from_its_page() -> None:
    for contact in load_contacts():
        assert f"| {contact.name} | {', '.join(contact.ways)} |" in page("contacts").markdown


def test_the_matrix_has_the_documented_clocks() -> None:
    first, *_ = load_severities()
    assert [each.id for each in load_severities()] == ["P1", "P2", "P3", "P4"]
    assert [(e.to, e.after_m) for e in first.escalations] == [
        ("Incident commander", 5),
        ("VP Engineering", 15),
    ]
    matrix = page("escalation-matrix").markdown
    assert "| **P2** High | within 15 min | On-call engineer | Team lead after 30 min" in matrix
    assert "every day" in matrix


def test_the_glossary_holds_every_term() -> None:
    for term in load_glossary():
        assert f"**{term.name}** {term.about}" in page("glossary").markdown


def test_the_metric_reference_has_limits_and_a_query_of_every_indicator() -> None:
    text = page("metric-reference").markdown
    for indicator in load():
        assert f"## {indicator.title}\n" in text
    assert "| Cache hit rate | > 80 % | 80 % to 70 % | < 70 % |" in text
    assert text.count("```promql") == len(load())


def test_useful_commands_show_no_secret_and_destroy_nothing() -> None:
    for command in load_useful_commands():
        for line in command.lines.values():
            assert line in page("useful-commands").markdown
            assert assess(line).level is not Level.DESTRUCTIVE, line
            assert not list(shown_secrets(line)), line


def test_an_entry_survives_the_index() -> None:
    for each in pages():
        assert restore(dump(each.entry)) == each.entry
        assert each.entry.kind is Kind.PAGE
