"""Addresses of events. ``<code>`` is short and stable, the slug behind it only to be read."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from config.lib.codes import ALPHABET, LENGTH
from sessions.views import (
    agenda,
    confirm,
    events,
    exports,
    feeds,
    interest,
    news,
    pitches,
    pitching,
    print_pages,
    scan,
    schedule,
    screens,
)


class CodeConverter(StringConverter):
    regex = f"[{ALPHABET}]{{{LENGTH}}}"


class DateConverter(StringConverter):
    regex = r"\d{4}-\d{2}-\d{2}"


register_converter(CodeConverter, "code")
register_converter(DateConverter, "date")

app_name = "program"

urlpatterns = [
    path("s/<code:code>/", pitches.short_link, name="short_link"),
    path("s/confirm/<str:token>/", confirm.confirm, name="confirm"),
    path("<slug:event_slug>/", events.event, name="event"),
    path("<slug:event_slug>/pitches/", pitches.wall, name="wall"),
    path("<slug:event_slug>/feeds/pitches.atom", feeds.pitches, name="pitches_feed"),
    path("<slug:event_slug>/tags/<slug:tag>/", pitches.tag, name="tag"),
    path("<slug:event_slug>/people/<slug:person>/", events.person, name="person"),
    path("<slug:event_slug>/pitches/new/", pitching.new, name="pitch_new"),
    path("<slug:event_slug>/pitches/new/finish/", pitching.finish, name="pitch_finish"),
    path("<slug:event_slug>/pitches/preview/", pitching.preview, name="pitch_preview"),
    path("<slug:event_slug>/pitches/<code:code>/", pitches.pitch, name="pitch_short"),
    path("<slug:event_slug>/pitches/<code:code>-<slug:slug>/", pitches.pitch, name="pitch"),
    path("<slug:event_slug>/pitches/<code:code>/edit/", pitching.edit, name="pitch_edit"),
    path("<slug:event_slug>/pitches/<code:code>/publish/", pitching.publish, name="pitch_publish"),
    path(
        "<slug:event_slug>/pitches/<code:code>/withdraw/", pitching.withdraw, name="pitch_withdraw"
    ),
    path("<slug:event_slug>/pitches/<code:code>/reopen/", pitching.reopen, name="pitch_reopen"),
    path(
        "<slug:event_slug>/pitches/<code:code>/versions/", pitching.versions, name="pitch_versions"
    ),
    path("<slug:event_slug>/sessions/<code:code>/interest/", interest.interest, name="interest"),
    path(
        "<slug:event_slug>/sessions/<code:code>/interest/remove/",
        interest.remove,
        name="interest_remove",
    ),
    path("<slug:event_slug>/sessions/<code:code>.ics", exports.session_ics, name="session_ics"),
    path("<slug:event_slug>/program/", schedule.program, name="schedule"),
    path("<slug:event_slug>/program/versions/", schedule.versions, name="schedule_versions"),
    path("<slug:event_slug>/program/<date:day>/", schedule.day, name="schedule_day"),
    path("<slug:event_slug>/program/mails/<str:token>/", news.less, name="quiet"),
    path("<slug:event_slug>/program.ics", exports.program_ics, name="program_ics"),
    path("<slug:event_slug>/now/", screens.now, name="now"),
    path("<slug:event_slug>/screen/", screens.screen, name="screen"),
    path("<slug:event_slug>/rooms/<slug:room>/", screens.door, name="door"),
    path("<slug:event_slug>/print/", print_pages.overview, name="print"),
    path("<slug:event_slug>/print/doors/", print_pages.doors, name="print_doors"),
    path("<slug:event_slug>/print/grid/", print_pages.grid, name="print_grid"),
    path("<slug:event_slug>/cells/<slug:room>/<slug:start>/", scan.cell, name="cell"),
    path("<slug:event_slug>/me/", agenda.me, name="me"),
]
