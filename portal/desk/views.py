"""Pages of desk."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portal.web.access import ANYONE, access

bp = Blueprint("desk", __name__, template_folder="templates")


@bp.get("/desk/")
@access(ANYONE)
def index() -> ResponseReturnValue:
    """Show the first page of this place."""
    return render_template("desk/index.html")


@bp.get("/")
@access(ANYONE)
def home() -> ResponseReturnValue:
    """Show the first screen of whoever is here."""
    return render_template("desk/index.html")
