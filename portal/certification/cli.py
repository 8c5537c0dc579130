"""`flask certificates …`: what an operator does about certificates without a page."""

from flask.cli import AppGroup

from portal.certification.key_cli import keys_cli

cli = AppGroup("certificates", help="Certificates and the keys they are signed with.")
cli.add_command(keys_cli)
