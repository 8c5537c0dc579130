"""Putting the portal together: the only module that names every domain."""

import os
from urllib.parse import urlsplit

import click
from flask import Flask
from flask.cli import with_appcontext
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

import portal.accounts.cli
import portal.accounts.views
import portal.calculators.views
import portal.certification.attempt_views
import portal.certification.bank_views
import portal.certification.batch_views
import portal.certification.candidate_views
import portal.certification.cli
import portal.certification.design_views
import portal.certification.exam_appeal_views
import portal.certification.exam_cli
import portal.certification.impact_views
import portal.certification.issuer_views
import portal.certification.life_models
import portal.certification.life_views
import portal.certification.marking_models
import portal.certification.marking_views
import portal.certification.proctor_views
import portal.certification.qualification_views
import portal.certification.regrade_views
import portal.certification.release_views
import portal.certification.result_views
import portal.certification.session_views
import portal.certification.staff_news
import portal.certification.supervision_views
import portal.certification.training_log_views
import portal.certification.twin_views
import portal.certification.verify_views
import portal.certification.views
import portal.community.board_views
import portal.community.feed_views
import portal.community.group_views
import portal.community.lifting_views
import portal.community.moderation_views
import portal.community.promise_views
import portal.community.report_views
import portal.community.story_views
import portal.community.thread_views
import portal.community.views
import portal.courses.cli
import portal.courses.feedback_views
import portal.courses.handout_views
import portal.courses.offline_views
import portal.courses.phrase_views
import portal.courses.rehearsal_views
import portal.courses.step_answer_views
import portal.courses.video_views
import portal.courses.views
import portal.demo.cli
import portal.desk.check_views
import portal.desk.proof_news
import portal.desk.views
import portal.diagnosis.views
import portal.mentoring.agreement_views
import portal.mentoring.appeal_views
import portal.mentoring.booking_views
import portal.mentoring.calendar_views
import portal.mentoring.circle_views
import portal.mentoring.cli
import portal.mentoring.engagement_views
import portal.mentoring.hours_views
import portal.mentoring.log_views
import portal.mentoring.match_models
import portal.mentoring.match_views
import portal.mentoring.me_views
import portal.mentoring.need_views
import portal.mentoring.offer_views
import portal.mentoring.plan_views
import portal.mentoring.referral_views
import portal.mentoring.sms_views
import portal.mentoring.standing_views
import portal.mentoring.views
import portal.messages.stop_views
import portal.messages.views
import portal.search.cli
import portal.search.views
from portal.accounts import login
from portal.calculators import fee_tables
from portal.certification import candidates, qualifications
from portal.core import db, queue
from portal.core.cli import db_cli, jobs_cli, upgrade
from portal.core.mail import make_post
from portal.core.pictures import MAX_BYTES
from portal.core.settings import Settings, from_env
from portal.core.settings import current as current_settings
from portal.core.storage import Storage
from portal.courses import message_file, publishing
from portal.diagnosis import questions
from portal.mentoring import guides
from portal.search import library
from portal.web import access, addresses, csrf, errors, language, shell

REQUEST_MAX_BYTES = MAX_BYTES + 1024 * 1024
"""A picture and the text beside it."""

BLUEPRINTS = (
    portal.accounts.views.bp,
    portal.messages.views.bp,
    portal.messages.stop_views.bp,
    portal.courses.views.bp,
    portal.calculators.views.bp,
    portal.diagnosis.views.bp,
    portal.courses.views.glossary_bp,
    portal.courses.feedback_views.bp,
    portal.courses.handout_views.bp,
    portal.courses.offline_views.bp,
    portal.courses.phrase_views.bp,
    portal.courses.rehearsal_views.bp,
    portal.courses.step_answer_views.bp,
    portal.courses.video_views.bp,
    portal.community.views.bp,
    portal.community.thread_views.bp,
    portal.community.board_views.bp,
    portal.community.group_views.bp,
    portal.community.story_views.bp,
    portal.community.feed_views.bp,
    portal.community.lifting_views.bp,
    portal.community.promise_views.bp,
    portal.community.report_views.bp,
    portal.community.moderation_views.bp,
    portal.mentoring.views.bp,
    portal.mentoring.plan_views.bp,
    portal.mentoring.need_views.bp,
    portal.mentoring.me_views.bp,
    portal.mentoring.match_views.bp,
    portal.mentoring.booking_views.bp,
    portal.mentoring.hours_views.bp,
    portal.mentoring.calendar_views.bp,
    portal.mentoring.appeal_views.bp,
    portal.mentoring.sms_views.bp,
    portal.mentoring.engagement_views.bp,
    portal.mentoring.agreement_views.bp,
    portal.mentoring.log_views.bp,
    portal.mentoring.offer_views.bp,
    portal.mentoring.standing_views.bp,
    portal.mentoring.referral_views.bp,
    portal.mentoring.circle_views.bp,
    portal.certification.views.bp,
    portal.certification.attempt_views.bp,
    portal.certification.bank_views.bp,
    portal.certification.proctor_views.bp,
    portal.certification.session_views.bp,
    portal.certification.impact_views.bp,
    portal.certification.batch_views.bp,
    portal.certification.design_views.bp,
    portal.certification.issuer_views.bp,
    portal.certification.qualification_views.bp,
    portal.certification.candidate_views.bp,
    portal.certification.training_log_views.bp,
    portal.certification.life_views.bp,
    portal.certification.marking_views.bp,
    portal.certification.supervision_views.bp,
    portal.certification.exam_appeal_views.bp,
    portal.certification.regrade_views.bp,
    portal.certification.release_views.bp,
    portal.certification.result_views.bp,
    portal.certification.twin_views.bp,
    portal.desk.views.bp,
    portal.desk.check_views.bp,
    portal.search.views.bp,
)


@click.command("prepare")
@click.pass_context
@with_appcontext
def prepare(context: click.Context) -> None:
    """Do all that comes between an update and the start.

    The database is brought to the newest revision, the lessons are published, the question banks are taken
    over, and in a demo its world is loaded. One process, since each start reads every lesson first.
    """
    context.invoke(upgrade)
    context.invoke(portal.courses.cli.sync)
    context.invoke(portal.certification.exam_cli.sync)
    if current_settings().is_demo:
        context.invoke(portal.demo.cli.load)


COMMANDS = (
    prepare,
    db_cli,
    jobs_cli,
    portal.accounts.cli.cli,
    portal.demo.cli.cli,
    portal.courses.cli.lessons_cli,
    portal.search.cli.search_cli,
    portal.mentoring.cli.cli,
    portal.certification.cli.cli,
    portal.certification.exam_cli.exams_cli,
)


def create_app(settings: Settings | None = None) -> Flask:
    """Return the portal, with settings from the environment unless given."""
    settings = settings or from_env(os.environ)
    app = Flask("portal", static_folder="static", template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = REQUEST_MAX_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = 1024 * 1024
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["portal_settings"] = settings
    app.extensions["portal_storage"] = Storage(settings.storage_dir)
    app.extensions["portal_post"] = make_post(settings)
    db.init_app(app, settings)
    queue.init_app(app, settings)
    login.init_app(app, settings)
    for part in (addresses, language, shell, errors, access, csrf):
        part.init_app(app)
    _stand_behind_proxies(app, settings)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    fee_tables.init_app(app)
    questions.init_app(app)
    message_file.init_app(app)
    guides.init_app(app)
    qualifications.init_app(app)
    publishing.add_comparer(app, candidates.list_changed)
    library.init_app(app)
    publishing.init_app(app, settings)
    for group in COMMANDS:
        app.cli.add_command(group)
    return app


def _stand_behind_proxies(app: Flask, settings: Settings) -> None:
    """Believe our own proxies about the visitor's address; on a real site answer to its own name only."""
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    if settings.is_https:
        app.config["TRUSTED_HOSTS"] = [urlsplit(settings.public_url).hostname or ""]
