from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse

from sessions.models import Event, Membership
from speakers import accounts
from speakers.models import User


class Command(BaseCommand):
    help = "Let somebody open the desk; make the account if there is none."

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("--name", help="name of a new account; else taken from the address")
        parser.add_argument("--event", help="slug of the event to organise")
        parser.add_argument(
            "--everything", action="store_true", help="open new events, organise all of them"
        )

    @transaction.atomic
    def handle(self, *, email, name, event, everything, **options):
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email} is not an e-mail address.") from error
        user = User.objects.filter(email__iexact=email).first() or accounts.create(
            email, name=name or email.partition("@")[0], language=settings.LANGUAGE_CODE
        )
        user.is_staff = True
        user.is_superuser = user.is_superuser or everything
        user.save(update_fields=["is_staff", "is_superuser"])
        self.stdout.write(f"{user.email} may open the desk.")
        if event:
            self._join(user, event)
        elif user.is_superuser:
            self.stdout.write("They may open new events there, and organise all of them.")
        else:
            self.stdout.write("No event yet: call this again with --event or --everything.")
        self.stdout.write(f"Next: log in at {settings.SITE_URL}{reverse('admin:index')}")
        self.stdout.write("with a code by mail; no password is needed.")
        if accounts.needs_second_factor(user):
            self.stdout.write("The desk then asks for an authenticator app or a passkey.")

    def _join(self, user, slug):
        try:
            event = Event.objects.get(slug=slug)
        except Event.DoesNotExist as error:
            known = ", ".join(Event.objects.values_list("slug", flat=True)) or "none"
            raise CommandError(f"There is no event {slug}. Known: {known}.") from error
        Membership.objects.update_or_create(
            user=user, event=event, defaults={"role": Membership.Role.ORGANISER}
        )
        self.stdout.write(f"{user.email} organises {event.name}.")
