"""What has no page and knows no domain word: database, queue, settings, time, storage, text."""
