"""Pages of community."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portal.web.access import ANYONE, access

bp = Blueprint("community", __name__, url_prefix="/community", template_folder="templates")


@bp.get("/")
@access(ANYONE)
def index() -> ResponseReturnValue:
    """Show the first page of this place."""
    return render_template("community/index.html")
