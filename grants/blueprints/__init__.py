"""Room: blueprints.
You are the doors: one folder for each journey. You read a request, ask one service, and answer.
You may name: web, services, queries, rules, funds.   You may never name: rows, another journey.
If you are deciding, or holding the database, you are in the wrong room."""
