"""What the pages of one event's desk have in common: their addresses, and what each shows."""

from django.urls import path


class EventPages:
    """For mixins of the event's admin."""

    def mount(self, folder, views):
        """URL patterns below an event's ``folder/``: by the tail of each, its view and name."""
        return [
            path(f"<int:object_id>/{folder}/{tail}", self.admin_site.admin_view(view), name=name)
            for tail, (view, name) in views.items()
        ]

    def page_context(self, request, event, *, title):
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "event": event,
            "original": event,
            "opts": self.opts,
        }
