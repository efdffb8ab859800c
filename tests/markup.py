"""What a page would send: its forms with what stands in them, and its links."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

ACTION, ROWS = "action", "_selected_action"


@dataclass
class Form:
    method: str
    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    choices: list[tuple[str, str]] = field(default_factory=list)

    def sendings(self):
        """The data that each of its buttons, and each action of a list, would send."""
        for button in self.choices or [None]:
            yield [*self.fields, button] if button else list(self.fields)


class Page(HTMLParser):
    def __init__(self, html: str, url: str) -> None:
        super().__init__()
        self.url, self.forms, self.links = url, [], []
        self._form = self._select = self._area = None
        self.tags = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = {name: value or "" for name, value in attrs}
        self.tags.append((tag, attrs))
        if tag == "a" and "href" in attrs:
            self.links.append(attrs["href"])
        elif tag == "form":
            self._form = Form(attrs.get("method", "get").lower(), attrs.get("action") or self.url)
            self.forms.append(self._form)
        elif self._form is not None:
            self._control(tag, attrs, attrs.get("name", ""))

    def _control(self, tag, attrs, name):
        value, kind = attrs.get("value", ""), attrs.get("type", "")
        if tag == "button" or kind == "submit":
            if name:
                self._form.choices.append((attrs["name"], value))
        elif tag == "input" and name:
            is_mark = kind in ("checkbox", "radio")
            if not is_mark or "checked" in attrs or name == ROWS:
                self._form.fields.append((name, value or ("on" if is_mark else "")))
        elif tag == "select":
            self._select = (name, [])
        elif tag == "option" and self._select:
            self._select[1].append((value, "selected" in attrs))
        elif tag == "textarea":
            self._area = name
            self._form.fields.append((name, ""))

    def handle_data(self, data):
        if self._area and self._form:
            name, before = self._form.fields[-1]
            self._form.fields[-1] = (name, before + data)

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = None
        elif tag == "select" and self._select and self._form:
            self._choose(*self._select)
            self._select = None

    def _choose(self, name, options):
        values = [value for value, _chosen in options]
        if name == ACTION:
            self._form.choices += [(name, value) for value in values if value]
        elif options:
            chosen = next((value for value, is_chosen in options if is_chosen), values[-1])
            self._form.fields.append((name, chosen))
