"""Notices: one row for each person and cause, shown in the portal and sent once by text message or e-mail."""
