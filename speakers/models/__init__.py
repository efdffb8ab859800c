from .profile import Profile
from .user import User, Viewer

__all__ = ["Profile", "User", "Viewer"]
