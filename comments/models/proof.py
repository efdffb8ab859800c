from django.db import models
from django.utils.translation import gettext_lazy as _


class Proof(models.Model):
    """A link that was mailed to a guest, who proves the address by opening it.

    ``digest`` is SHA-256 of the token: whoever reads the table cannot make the link.
    """

    email = models.EmailField()
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("proof of an address")
        verbose_name_plural = _("proofs of addresses")

    def __str__(self) -> str:
        return self.digest[:8]
