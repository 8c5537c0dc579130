"""Pages of mentoring."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portal.web.access import ANYONE, access

bp = Blueprint("mentoring", __name__, url_prefix="/mentoring", template_folder="templates")


@bp.get("/")
@access(ANYONE)
def index() -> ResponseReturnValue:
    """Show the first page of this place."""
    return render_template("mentoring/index.html")
