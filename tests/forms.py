"""The forms of a page as a browser reads them, each with every button that sends it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin

CHOICES = {"checkbox", "radio"}


@dataclass
class Form:
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    # Where each sends to, and the name and value that it adds ("" for none).
    buttons: list[tuple[str, str, str]] = field(default_factory=list)

    def sendings(self) -> list[tuple[str, dict[str, str]]]:
        """Address and fields, once for every address and name of a button."""
        buttons = self.buttons or [(self.action, "", "")]
        distinct = {(action, name): value for action, name, value in buttons}
        return [
            (action, self.fields | ({name: value} if name else {}))
            for (action, name), value in distinct.items()
        ]


class Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.forms: list[Form] = []
        self._named: dict[str, Form] = {}
        self._open: Form | None = None
        self._select = self._textarea = ""

    def handle_starttag(self, tag, attrs):
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(self._address(said.get("action")), said.get("method", "get").lower())
            self._named[said.get("id", "")] = self._open
            self.forms.append(self._open)
        form = self._named[said["form"]] if "form" in said else self._open
        if form is not None and "disabled" not in said:
            self._control(form, tag, said)

    def handle_endtag(self, tag):
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""

    def handle_data(self, data):
        if self._textarea and self._open is not None:
            self._open.fields[self._textarea] += data

    def _control(self, form, tag, said):
        name, value = said.get("name", ""), said.get("value", "")
        if tag == "button" or (tag == "input" and said.get("type") == "submit"):
            form.buttons.append((self._address(said.get("formaction"), form.action), name, value))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            if "selected" in said or self._select not in form.fields:
                form.fields[self._select] = value
        elif tag == "textarea":
            self._textarea = name
            form.fields[name] = ""
        elif tag == "input" and name:
            if said.get("type") not in CHOICES or "checked" in said:
                form.fields[name] = value
            else:
                form.fields.setdefault(name, "")

    def _address(self, action: str | None, default: str | None = None) -> str:
        return urldefrag(urljoin(self.url, action))[0] if action else default or self.url


def forms_of(client, url: str) -> list[Form]:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    reader = Reader(url)
    reader.feed(response.content.decode())
    return reader.forms
