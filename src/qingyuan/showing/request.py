"""A request as views get it: somebody is logged in, because the middleware lets nobody else through."""

from django.http import HttpRequest

from qingyuan.people.queries import User


class Request(HttpRequest):
    """A request of a person."""

    user: User

    async def auser(self) -> User:
        """The person, for views that do not block."""
        return await super().auser()  # type: ignore[return-value]
