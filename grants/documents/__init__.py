"""Room: documents.
You make bytes out of values: letters, copies, extracts, charts. The same values make the same bytes.
You may name: rules, funds.   You may never name: models, the database, the web, the clock.
If you want a figure or a name, be given it. If you are given text, treat it as text and nothing else."""
