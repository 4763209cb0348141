"""An index to find applications by their folded text, as each database has it."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
    else:
        op.execute(
            "CREATE INDEX ix_search_vector ON search_text USING gin (to_tsvector('simple', text))"
        )


def _sqlite() -> None:
    op.execute(
        "CREATE VIRTUAL TABLE search_index USING fts5("
        "text, content='search_text', content_rowid='application_id', prefix='2 3')"
    )
    op.execute(
        "CREATE TRIGGER search_text_added AFTER INSERT ON search_text BEGIN "
        "INSERT INTO search_index(rowid, text) VALUES (new.application_id, new.text); END"
    )
    op.execute(
        "CREATE TRIGGER search_text_gone AFTER DELETE ON search_text BEGIN "
        "INSERT INTO search_index(search_index, rowid, text) "
        "VALUES ('delete', old.application_id, old.text); END"
    )
    op.execute(
        "CREATE TRIGGER search_text_changed AFTER UPDATE ON search_text BEGIN "
        "INSERT INTO search_index(search_index, rowid, text) "
        "VALUES ('delete', old.application_id, old.text); "
        "INSERT INTO search_index(rowid, text) VALUES (new.application_id, new.text); END"
    )
