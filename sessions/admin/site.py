from django.contrib.admin import AdminSite


class Regie(AdminSite):
    """The organisers' desk."""


regie = Regie(name="admin")
