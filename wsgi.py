"""The application, for servers and for the command line."""

from grants import create_app

app = create_app()
