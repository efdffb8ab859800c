from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sessions.models.versioning import BumpsVersion

from .comment import Comment


class Like(models.Model):
    """Applause for a comment, once per account."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="likes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="comment_likes")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("like")
        verbose_name_plural = _("likes")
        constraints = [
            models.UniqueConstraint(fields=["comment", "user"], name="like_once_per_user")
        ]
        triggers = [
            BumpsVersion(
                events="""
                    SELECT pitch.event_id FROM program_pitch pitch
                    JOIN comments_comment comment ON comment.pitch_id = pitch.id
                    WHERE comment.id = ROW.comment_id
                """
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} → {self.comment_id}"
