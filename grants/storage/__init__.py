"""Room: storage.
You keep bytes. ``store`` by key, ``inspect`` says what a file is, ``scanner`` asks whether it is safe.
You may name: models, rules, funds, extensions, config.   You may never name: your neighbours, the web."""
