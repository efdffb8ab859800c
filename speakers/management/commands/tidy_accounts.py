from django.core.management.base import BaseCommand
from django.utils import timezone

from speakers import accounts


class Command(BaseCommand):
    help = "Delete accounts that were begun more than two days ago and never confirmed."

    def handle(self, **options):
        deleted = accounts.tidy_unconfirmed(timezone.now())
        self.stdout.write(f"{deleted} unconfirmed accounts deleted")
