"""Room: queries.
You look things up for a page or a file. Every function of yours takes the actor first, starts from
``visible``, and gives back frozen rows. You never write.
You may name: models, rules, funds, extensions.   You may never name: your neighbours, the web."""
