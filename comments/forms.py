from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from comments.writers import Guest
from config.lib.forms import CleanCharField, CleanEmailField, CleanTextField
from config.lib.text import COMMENT_MAX_LENGTH
from sessions.models import Proposal

TEXT_ERRORS = {
    "required": _("The text is missing."),
    "max_length": _("A comment holds %(max)d characters at most; this one has %(length)d."),
}
MAILED = _("Is not shown. Before your first comment appears, you get a mail with a link.")


class SiteField(CleanCharField):
    """An address on the web; ``example.org`` is enough."""

    default_validators = [
        URLValidator(
            schemes=["http", "https"],
            message=_("This is not an address on the web, such as https://example.org."),
        )
    ]

    def to_python(self, value: Any) -> str:
        site = super().to_python(value)
        return site if not site or ":" in site.partition("/")[0] else f"https://{site}"


class BodyForm(forms.Form):
    """The text alone: what an author changes."""

    body = CleanTextField(
        label=_("Text"),
        max_length=COMMENT_MAX_LENGTH,
        error_messages=TEXT_ERRORS,
        help_text=_("Markdown works: **bold**, *italic*, lists and links."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class CommentForm(BodyForm):
    """A new comment: members only write, guests also say who they are.

    It may speak of one of ``proposals`` when there is a choice. ``key`` tells several forms of
    one page apart. An event may want to confirm the address of guests by mail.
    """

    name = CleanCharField(
        label=_("Name"),
        max_length=80,
        error_messages={"required": _("Your name is missing. It stands above your comment.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = CleanEmailField(
        label=_("E-mail"),
        error_messages={"required": _("Your e-mail address is missing. It is not shown.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    site = SiteField(
        label=_("Site"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "url", "inputmode": "url"}),
    )
    about = forms.ChoiceField(label=_("Which session do you mean?"), required=False)

    field_order = ["about", "body", "name", "email", "site"]

    def __init__(
        self,
        *,
        proposals: list[Proposal],
        is_member: bool,
        key: str,
        confirms_email: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(auto_id=f"{key}-%s", **kwargs)
        if is_member:
            for field in ("name", "email", "site"):
                del self.fields[field]
        else:
            self.fields["email"].required = confirms_email
            self.fields["email"].help_text = MAILED if confirms_email else _("Is not shown.")
        self.proposals = {p.code: p for p in proposals if p.state not in Proposal.GONE}
        if len(self.proposals) > 1:
            self.fields["about"].choices = [
                ("", _("the whole pitch")),
                *((code, proposal.heading) for code, proposal in self.proposals.items()),
            ]
        else:
            del self.fields["about"]
        # An answer is asked for by a click and takes the focus; a long page keeps the other text.
        self.fields["body"].widget.attrs["data-keep" if key == "new" else "data-focus"] = True

    @property
    def proposal(self) -> Proposal | None:
        return self.proposals.get(self.cleaned_data.get("about", ""))

    def guest(self, visitor: Any) -> Guest:
        """Who a guest says they are; after :meth:`is_valid`."""
        said = self.cleaned_data
        return Guest(name=said["name"], email=said["email"], site=said["site"], visitor=visitor)
