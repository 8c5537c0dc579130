"""Who may read and do what on the boards. Every rule is a condition on rows, for one row and for lists alike.

Questions are public unless they are private, their pictures are not; staff answer; the asker asks on. The
asker accepts, or staff for the asker, but nobody their own answer. A late question is handed to another
mentor by operators. What is hidden or held is seen by its author and by moderators, who are trainers and
operators; a held question also by its owner and by the mentors of its topic. A thread that was merged is
read by nobody: its address leads to where it went. A story is public while two people have seen its evidence
and its author's consent stands; once withdrawn its author alone still reads it. What stands on the board of
an association is for its members.
"""

from sqlalchemy import ColumnElement, and_, exists, false, or_, true
from sqlalchemy.orm import InstrumentedAttribute

from portal.accounts.models import MentorTopic, RoleGrant, User
from portal.community.models import (
    Association,
    AssociationMember,
    Board,
    Follow,
    Post,
    Question,
    QuestionState,
    StoryFacts,
    Thread,
)
from portal.community.moderation_models import ReviewCause, ReviewItem
from portal.core.roles import STAFF, Role

_threads = Thread.__table__

MODERATORS = frozenset({Role.TRAINER, Role.OPERATOR})


def may_read(user: User | None) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may read a thread."""
    is_here = Thread.moved_to_id.is_(None)
    is_shown = and_(is_here, Thread.hidden_at.is_(None), Thread.held_at.is_(None))
    is_open = and_(is_shown, Thread.board != Board.GROUP, ~Thread.is_private, _is_told())
    if user is None:
        return is_open
    is_member = _is_member_of(Thread.association_id, user)
    among_members = and_(is_shown, Thread.board == Board.GROUP, is_member)
    among_staff = and_(is_shown, Thread.is_private, _is_staff(user))
    to_answer = and_(is_here, Thread.hidden_at.is_(None), _is_mentor_of(user))
    among_moderators = and_(is_here, may_moderate(user), ~_is_withdrawn())
    is_own = and_(is_here, Thread.author_id == user.id, or_(Thread.board != Board.GROUP, is_member))
    return or_(is_open, among_members, among_staff, to_answer, is_own, among_moderators)


def may_read_post(user: User | None) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may read a post of a thread they may read."""
    is_shown = and_(Post.hidden_at.is_(None), Post.held_at.is_(None))
    return is_shown if user is None else or_(is_shown, Post.author_id == user.id, may_moderate(user))


def may_moderate(user: User | None) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may hide, release, move, merge and split: moderators."""
    return true() if user is not None and not user.roles.isdisjoint(MODERATORS) else false()


def may_review(user: User | None) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may decide about a text that waits: moderators.

    Mentors decide about first posts of the questions they own or whose topic they answer. The statement
    joins the item's thread.
    """
    if user is None:
        return false()
    first_of_theirs = and_(ReviewItem.cause == ReviewCause.FIRST_POST, _is_mentor_of(user))
    return or_(may_moderate(user), first_of_theirs)


def may_comment(user: User | None) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may comment on a thread they may read.

    Not on questions, and on the board of an association only as its member.
    """
    if user is None:
        return false()
    is_shown = and_(Thread.hidden_at.is_(None), Thread.held_at.is_(None), Thread.moved_to_id.is_(None))
    is_theirs = or_(Thread.board != Board.GROUP, _is_member_of(Thread.association_id, user))
    return and_(is_shown, Thread.board != Board.QUESTIONS, is_theirs, ~_is_withdrawn())


def may_read_association(user: User | None) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may open an association's board: members and moderators."""
    return false() if user is None else or_(_is_member_of(Association.id, user), may_moderate(user))


def may_write_in(user: User | None) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may write on an association's board: members."""
    return false() if user is None else _is_member_of(Association.id, user)


def may_manage(user: User | None) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may let others in and out of an association: its managers."""
    return false() if user is None else _is_member_of(Association.id, user, manages=True)


def may_see_evidence(user: User | None) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may see a story's evidence: moderators, never their own."""
    return false() if user is None else and_(may_moderate(user), Thread.author_id != user.id)


def may_accept(user: User | None) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may say that an answer solved the question, or take it back.

    The asker, or staff for an asker who said so on the telephone.
    """
    return false() if user is None else or_(Question.author_id == user.id, _is_staff(user))


def may_follow_up(user: User | None) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may ask on."""
    return false() if user is None else Question.author_id == user.id


def may_answer(user: User | None) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may answer: staff, and never themself."""
    return and_(_is_staff(user), Question.author_id != user.id) if user is not None else false()


def may_edit(user: User | None) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may change the words of a thread they may read.

    Its author until it is solved, staff their own ones after that too, and moderators any. A story stays as
    its two witnesses read it.
    """
    if user is None:
        return false()
    is_unsolved = or_(Thread.board != Board.QUESTIONS, _threads.c.state != QuestionState.ACCEPTED)
    is_theirs = and_(Thread.author_id == user.id, Thread.hidden_at.is_(None), Thread.board != Board.STORIES)
    return or_(and_(is_theirs, or_(is_unsolved, _is_staff(user))), may_moderate(user))


def may_edit_post(user: User | None) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may change a post, as `may_edit` does for its thread."""
    if user is None:
        return false()
    is_unsolved = or_(Thread.board != Board.QUESTIONS, _threads.c.state != QuestionState.ACCEPTED)
    own = and_(Post.author_id == user.id, Post.hidden_at.is_(None), or_(is_unsolved, _is_staff(user)))
    return or_(own, may_moderate(user))


def may_see_history(user: User | None) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may read what a text said before: staff."""
    return false() if user is None else _is_staff(user)


def may_be_told() -> ColumnElement[bool]:
    """Return the condition under which the follower of a `Follow` may still read its `Thread`."""
    is_shown = and_(Thread.hidden_at.is_(None), Thread.held_at.is_(None))
    is_member = exists().where(
        AssociationMember.association_id == Thread.association_id,
        AssociationMember.user_id == Follow.user_id,
        AssociationMember.left_at.is_(None),
    )
    is_staff = exists().where(RoleGrant.user_id == Follow.user_id, RoleGrant.role.in_(STAFF))
    for_few = or_(Thread.author_id == Follow.user_id, is_staff)
    return and_(
        is_shown, or_(Thread.board != Board.GROUP, is_member), or_(Thread.is_private.is_(False), for_few)
    )


def may_copy(user: User | None) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may make a public copy of a private question.

    Moderators, but not who answers it or asked it: the copy is theirs, and its promise another's.
    """
    if user is None:
        return false()
    is_third = and_(Question.owner_id != user.id, Question.author_id != user.id)
    return and_(may_moderate(user), Thread.is_private, is_third)


def may_hand_over(user: User | None) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may give a question to another mentor: operators."""
    return true() if user is not None and user.has_role(Role.OPERATOR) else false()


def may_lift(user: User | None) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may put the accepted answer into a lesson: moderators.

    Only what everybody may read goes there.
    """
    return and_(may_moderate(user), may_read(None))


def may_see_picture(user: User | None, kind: type[Thread] | type[Post] = Thread) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may see the picture of a text they may read.

    Numbers in a text can be found and masked, those in a picture cannot: so it is not public until
    somebody has looked at it.
    """
    opened = kind.picture_opened_at.is_not(None)
    return opened if user is None else or_(opened, may_cover(user, kind))


def may_cover(user: User | None, kind: type[Thread] | type[Post]) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may cover parts of a picture: who sent it, and staff."""
    return false() if user is None else or_(kind.author_id == user.id, _is_staff(user))


def may_open_picture(user: User | None) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may let everybody see a picture: staff who looked at it."""
    return _is_staff(user)


def _is_mentor_of(user: User) -> ColumnElement[bool]:
    """Return the condition that a question is this mentor's own, or of a topic this mentor answers."""
    # The table's own columns: those of `Question` would leave out every thread that is none.
    answers_topic = exists().where(MentorTopic.mentor_id == user.id, MentorTopic.topic == _threads.c.topic)
    return and_(_is_staff(user), or_(_threads.c.owner_id == user.id, answers_topic))


def _is_told() -> ColumnElement[bool]:
    """Tell that a thread is no story, or one whose evidence was seen and whose consent stands."""
    stands = and_(StoryFacts.published_at.is_not(None), StoryFacts.withdrawn_at.is_(None))
    return or_(Thread.board != Board.STORIES, _facts_where(stands))


def _is_withdrawn() -> ColumnElement[bool]:
    return _facts_where(StoryFacts.withdrawn_at.is_not(None))


def _facts_where(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    # Correlated by name: a statement that joins the facts itself would lend its own to the condition.
    return exists().where(StoryFacts.thread_id == Thread.id, condition).correlate(Thread)


def _is_member_of(
    association_id: ColumnElement[int | None]
    | InstrumentedAttribute[int]
    | InstrumentedAttribute[int | None],
    user: User,
    *,
    manages: bool = False,
) -> ColumnElement[bool]:
    is_member = exists().where(
        AssociationMember.association_id == association_id,
        AssociationMember.user_id == user.id,
        AssociationMember.left_at.is_(None),
    )
    is_manager = is_member.where(AssociationMember.is_manager)
    return (is_manager if manages else is_member).correlate(Thread, Association)


def _is_staff(user: User | None) -> ColumnElement[bool]:
    return true() if user is not None and not user.roles.isdisjoint(STAFF) else false()
