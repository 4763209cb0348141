"""Room: services.
You are what can be done: one public function is one verb is one transaction.
You may name: queries, documents, notifications, audit, storage, queue, models, rules, funds, extensions.
You may never name: the web, forms, the maker of PDFs. If something cannot be done, refuse."""
