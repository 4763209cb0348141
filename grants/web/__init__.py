"""Room: web.
You are the porch: you know requests, and decide nothing. You build forms, name states, print dates.
You may name: services, queries, documents, rules, funds.   You may never name: models, the database.
If you are about to decide, ask rules. If you are about to change something, ask services."""
