"""Room: rules.
You decide. You are a pure function of what you are given.
You may name: funds.   You may never name: the web, the database, files, the clock.
If you want to look something up, be given it.  If you want to change something, return the decision."""
