"""What the shell offers when it completes a word. It stays silent where something is wrong: the command will say it."""

import os
from contextlib import closing

from advisor.model.errors import AdvisorError


def change_ids(incomplete: str) -> list[tuple[str, str]]:
    """Ids in the journal that begin so, the latest first, each with its state and knob."""
    from advisor.journal.repository import open_journal
    from advisor.settings.load import load_settings
    from advisor.wiring.rules.packs import schema_with_packs

    try:
        settings = load_settings(None, {}, os.environ, schema_with_packs)
        with closing(open_journal(settings.journal.url, read_only=True)) as journal:
            history = journal.history(settings.policy.environment)
    except AdvisorError:
        return []
    return [(one.id, f"{one.state} {one.proposal.target.knob}") for one in history if one.id.startswith(incomplete)]


def rule_ids(incomplete: str) -> list[tuple[str, str]]:
    """Rules of the packs that are on, with their titles."""
    from advisor.settings.load import load_settings
    from advisor.wiring.rules.book import rule_book
    from advisor.wiring.rules.packs import schema_with_packs

    try:
        packs = rule_book(load_settings(None, {}, os.environ, schema_with_packs))
    except AdvisorError:
        return []
    return [(rule.id, rule.title) for pack in packs for rule in pack.rules if rule.id.startswith(incomplete)]
