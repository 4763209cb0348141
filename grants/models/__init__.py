"""Room: models.
You are the shelves: tables and constraints. You keep; you decide nothing.
You may name: rules (for their words), funds, extensions.   You may never name: services, the web.
If you want to work something out, be given it already worked out."""

from grants.models import (  # noqa: F401 (importing a module registers its tables)
    application,
    application_query,
    assessment,
    attachment,
    audit,
    award,
    confirmation,
    due_diligence,
    earlier_text,
    equality,
    extract,
    helped_entry,
    identity,
    interest,
    job,
    ledger,
    letter,
    organisation,
    outbox,
    outcome_return,
    panel,
    person,
    project,
    register,
    rehearsal,
    rescoring,
    round,
    scenario,
    search,
    share,
    triage,
    workbook_load,
)
