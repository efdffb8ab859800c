import os

from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

# A web server runs no system checks by itself; a site that lacks its imprint must not answer.
if missing := [
    error for error in checks.run_checks(tags=[checks.Tags.security]) if error.is_serious()
]:
    raise ImproperlyConfigured("; ".join(f"{error.msg} ({error.id})" for error in missing))
