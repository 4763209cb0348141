"""Room: notifications.
You tell people. Words in ``messages``, rows in ``outbox``, and ``sender`` alone speaks SMTP.
You may name: models, rules, funds, extensions.   You may never name: your neighbours, the web."""
