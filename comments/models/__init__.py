from .comment import Comment
from .like import Like

__all__ = ["Comment", "Like"]
