import factory
from factory.django import DjangoModelFactory

from speakers.models import Profile, User


class ProfileFactory(DjangoModelFactory):
    class Meta:
        model = Profile

    name = factory.Sequence("Person {}".format)


class UserFactory(DjangoModelFactory):
    """An account with a profile: ``UserFactory(profile__name="Aylin Kaya")``."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        staff = factory.Trait(is_staff=True)

    email = factory.Sequence("person{}@example.org".format)
    language = "en"
    profile = factory.RelatedFactory(ProfileFactory, factory_related_name="user")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return model_class.objects.create_user(*args, **kwargs)
