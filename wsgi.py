"""The application, for servers and for the command line."""

from grants import create_app
from grants.config import SettingsError

try:
    app = create_app()
except SettingsError as error:
    raise SystemExit(f"grants: {error}") from None
