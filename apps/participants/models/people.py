"""People who log in."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from guardian.models import UserObjectPermission

from apps.core.actor import Right
from apps.participants.models.organizations import Organization


class UserManager(BaseUserManager["User"]):
    """Makes users; there is no superuser, because the operator's rights are an organisation's."""

    def create_user(self, email: str, password: str | None = None, **fields: str) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by e-mail. What the person may do follows from memberships."""

    email = models.EmailField("e-mail", unique=True)
    name = models.CharField(max_length=100, blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    language = models.CharField(
        max_length=10, blank=True, help_text="Code of the pages' language; the browser's if empty."
    )
    time_zone = models.CharField(
        max_length=50,
        blank=True,
        help_text="IANA name of the zone of dates on pages; UTC if empty.",
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    @property
    def is_staff(self) -> bool:
        """Django's admin asks; the portal's own site decides by membership instead."""
        return False

    def get_full_name(self) -> str:
        """The user menu asks for it."""
        return self.name

    def __str__(self) -> str:
        return self.name or self.email


class Member(UserObjectPermission):
    """That a person is a member of an organisation, as the row that gives the right."""

    class Meta:
        proxy = True
        verbose_name = "member"
        default_permissions = ()

    @property
    def right(self) -> Right:
        return Right(self.permission.codename)

    @cached_property
    def organization(self) -> Organization:
        return Organization.objects.get(pk=self.object_pk)

    def __str__(self) -> str:
        return self.user.name or self.user.email
