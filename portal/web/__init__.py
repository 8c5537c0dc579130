"""What every page shares: who may call, CSRF, errors, forms, the shell around a page."""
