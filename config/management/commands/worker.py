import logging
import signal

from django.core.management.base import BaseCommand

from config.worker import Loop


class Command(BaseCommand):
    help = "Run background tasks and deliver queued mail until interrupted."

    def handle(self, **options):
        # Both say every second that there is nothing to do.
        for name in ("django_tasks_db", "post_office"):
            logging.getLogger(name).setLevel(logging.WARNING)
        loop = Loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, loop.stop)
        self.stdout.write("The worker waits for tasks and mails.")
        loop.run()
