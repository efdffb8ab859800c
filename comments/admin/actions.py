"""What moderators do in the desk, to one comment or to many."""

from functools import partial

from django import forms
from django.contrib import admin, messages
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from comments import bans, closures, moderation
from comments.models import HouseRule
from comments.models.moderation import NOTE_MAX_LENGTH
from sessions.admin.desk import DeskActionForm, LineField


class QueueForm(DeskActionForm):
    """The reason stands in the public log, the note does not."""

    rule = forms.ChoiceField(
        label=_("Reason"),
        required=False,
        choices=[("", _("Choose a reason")), *HouseRule.choices],
        widget=forms.Select(attrs={"id": "action-rule"}),
    )
    note = LineField(
        label=_("Note"),
        required=False,
        max_length=NOTE_MAX_LENGTH,
        widget=forms.TextInput(attrs={"id": "action-note"}),
    )


def _said(desk, request):
    """Who does it, when, and the note: arguments of every verb."""
    form = desk.action_form(request.POST)
    form.is_valid()  # the list has asked; without a note it is blank
    note = form.cleaned_data.get("note", "")
    return {"by": request.user, "now": timezone.now(), "note": note}, form.cleaned_data.get("rule")


PUBLISHED = ngettext_lazy("%(n)d comment is published.", "%(n)d comments are published.", "n")
HIDDEN = ngettext_lazy("%(n)d comment is hidden.", "%(n)d comments are hidden.", "n")
ARE_SPAM = ngettext_lazy("%(n)d comment is spam.", "%(n)d comments are spam.", "n")
SHOWN_AGAIN = ngettext_lazy("%(n)d comment is shown again.", "%(n)d comments are shown again.", "n")


def _each(desk, request, comments, verb, *, told):
    """Say ``verb`` to each comment, and then how many it was."""
    said, _rule = _said(desk, request)
    done = desk.each(request, comments, lambda comment: verb(comment, **said))
    if done:
        messages.success(request, told % {"n": done})


@admin.action(description=_("Approve"))
def approve(desk, request, queryset):
    _each(desk, request, queryset, moderation.approve, told=PUBLISHED)


@admin.action(description=_("Hide"))
def hide(desk, request, queryset):
    _by_whom, rule = _said(desk, request)
    if not rule:
        messages.error(request, _("Choose a reason for hiding. It stands in the public log."))
        return
    _each(desk, request, queryset, partial(moderation.hide, rule=rule), told=HIDDEN)


@admin.action(description=_("Spam"))
def spam(desk, request, queryset):
    _each(desk, request, queryset, moderation.spam, told=ARE_SPAM)


@admin.action(description=_("Restore"))
def restore(desk, request, queryset):
    _each(desk, request, queryset, moderation.restore, told=SHOWN_AGAIN)


@admin.action(description=_("Ban the author"))
def ban(desk, request, queryset):
    said, _rule = _said(desk, request)
    _ban(desk, request, queryset, said)


@admin.action(description=_("Ban the author, and mark everything they wrote here as spam"))
def ban_and_spam(desk, request, queryset):
    said, _rule = _said(desk, request)
    banned = _ban(desk, request, queryset, said)
    done = sum(moderation.spam_all_of(one, **said) for one in banned)
    if done:
        messages.success(request, ARE_SPAM % {"n": done})


def _ban(desk, request, comments, said):
    """The bans of those who wrote ``comments``."""
    banned = set()
    desk.each(request, comments, lambda comment: banned.add(bans.ban_author(comment, **said)))
    if banned:
        message = ngettext(
            "%(n)d person is banned from the discussions of the event.",
            "%(n)d people are banned from the discussions of the event.",
            len(banned),
        )
        messages.success(request, message % {"n": len(banned)})
    return banned


@admin.action(description=_("Close the thread"))
def close_thread(desk, request, queryset):
    _turn(desk, request, queryset, closures.close, whole=False)
    messages.success(request, _("Nobody can reply there any more."))


@admin.action(description=_("Open the thread again"))
def open_thread(desk, request, queryset):
    _turn(desk, request, queryset, closures.reopen, whole=False)
    messages.success(request, _("Replies are possible there again."))


@admin.action(description=_("Close the whole discussion"))
def close_discussion(desk, request, queryset):
    _turn(desk, request, queryset, closures.close, whole=True)
    messages.success(request, _("Nobody can comment below this pitch any more."))


@admin.action(description=_("Open the whole discussion again"))
def open_discussion(desk, request, queryset):
    _turn(desk, request, queryset, closures.reopen, whole=True)
    messages.success(request, _("Comments are possible below this pitch again."))


def _turn(desk, request, queryset, verb, *, whole):
    said, _rule = _said(desk, request)
    del said["note"]
    for comment in queryset:
        verb(comment.pitch, within=None if whole else comment, **said)


ACTIONS = [
    approve,
    hide,
    spam,
    restore,
    ban,
    ban_and_spam,
    close_thread,
    open_thread,
    close_discussion,
    open_discussion,
]
