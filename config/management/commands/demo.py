from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config import demo
from sessions.models import Event


class Command(BaseCommand):
    help = "Load the demo: three invented unconferences. Needs a database without events."

    def handle(self, **options):
        if Event.objects.exists():
            raise CommandError("There are events already; the demo needs an empty database.")
        demo.load(timezone.now())
        self.stdout.write("The demo is loaded.")
