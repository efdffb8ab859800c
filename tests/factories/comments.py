import factory
from django.db import connection
from django.utils import timezone
from factory.django import DjangoModelFactory

from comments.models import Comment, Like

from .people import UserFactory
from .program import PitchFactory


class CommentFactory(DjangoModelFactory):
    """``CommentFactory(parent=comment)`` replies to it; ``guest=True`` has no account."""

    class Meta:
        model = Comment

    class Params:
        guest = factory.Trait(author=None, guest_name="Hanna", guest_email="hanna@example.org")

    parent = None
    pitch = factory.Maybe(
        "parent",
        yes_declaration=factory.SelfAttribute("parent.pitch"),
        no_declaration=factory.SubFactory(PitchFactory),
    )
    author = factory.SubFactory(UserFactory)
    body = factory.Sequence("Comment {}".format)
    body_html = factory.LazyAttribute(lambda comment: f"<p>{comment.body}</p>\n")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval(pg_get_serial_sequence('comments_comment', 'id'))")
            (pk,) = cursor.fetchone()
        parent = kwargs["parent"]
        kwargs["root"] = parent and (parent.root or parent)
        if kwargs.get("state", Comment.State.PUBLISHED) == Comment.State.PUBLISHED:
            kwargs.setdefault("published_at", kwargs.get("created_at") or timezone.now())
        kwargs["depth"] = parent.depth + 1 if parent else 0
        kwargs["path"] = [*(parent.path if parent else []), pk]
        return super()._create(model_class, *args, id=pk, **kwargs)


class LikeFactory(DjangoModelFactory):
    class Meta:
        model = Like

    comment = factory.SubFactory(CommentFactory)
    user = factory.SubFactory(UserFactory)
