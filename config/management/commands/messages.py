from django.core.management.base import BaseCommand, CommandError

from config import messages

LANGUAGE = "de"


class Command(BaseCommand):
    help = "Update the German catalogue from the code and compile it, or only check it."

    def add_arguments(self, parser):
        parser.add_argument(
            "--check", action="store_true", help="change nothing, fail when anything is missing"
        )

    def handle(self, *, check, **options):
        if not check:
            messages.update(LANGUAGE)
            messages.compile_catalogues()
        problems = messages.problems(LANGUAGE)
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"The catalogue is not complete: {len(problems)} problems.")
        self.stdout.write("The catalogue is complete.")
