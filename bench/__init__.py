"""What pages cost on rounds of a hundred to ten thousand applications. See README.md here."""
