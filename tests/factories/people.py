import factory
from allauth.account.models import EmailAddress
from factory.django import DjangoModelFactory

from speakers.models import Profile, User


class ProfileFactory(DjangoModelFactory):
    class Meta:
        model = Profile

    name = factory.Sequence("Person {}".format)


class AddressFactory(DjangoModelFactory):
    class Meta:
        model = EmailAddress

    email = factory.LazyAttribute(lambda address: address.user.email)
    verified = True
    primary = True


class UserFactory(DjangoModelFactory):
    """An account with a profile: ``UserFactory(profile__name="Aylin Kaya")``.

    ``confirmed=True``: mail about discussions goes to it.
    """

    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        staff = factory.Trait(is_staff=True)
        confirmed = factory.Trait(
            address=factory.RelatedFactory(AddressFactory, factory_related_name="user")
        )

    email = factory.Sequence("person{}@example.org".format)
    language = "en"
    profile = factory.RelatedFactory(ProfileFactory, factory_related_name="user")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return model_class.objects.create_user(*args, **kwargs)
