from .profile import Profile
from .user import User

__all__ = ["Profile", "User"]
