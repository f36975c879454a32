"""The addresses of logging in and of a person's account.

The names are those by which django-allauth looks for its pages. Its other addresses (sign-up,
e-mail management, connecting accounts, ...) do not exist here.
"""

from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.contrib import admin
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from apps.portal.login import account, provider
from apps.portal.login.entry import restart
from apps.portal.login.frame import account_page, framed
from apps.portal.login.passwords import NewPasswordView, ResetView

LOGIN = [
    path("login/", admin.site.login, name="account_login"),
    path(
        "login/second-factor/",
        framed(mfa.authenticate, _("Second factor")),
        name="mfa_authenticate",
    ),
    path("login/again/", never_cache(restart), name="account_restart"),
    path(
        "login/reset/",
        never_cache(framed(ResetView.as_view(), _("Forgotten password"))),
        name="account_reset_password",
    ),
    path(
        "login/password/<uidb64>/<token>/",
        never_cache(framed(NewPasswordView.as_view(), _("New password"))),
        name="account_new_password",
    ),
    path("login/<slug:provider_id>/", never_cache(provider.log_in), name="openid_connect_login"),
    path(
        "login/<slug:provider_id>/callback/",
        never_cache(provider.callback),
        name="openid_connect_callback",
    ),
    path("language/", never_cache(account.language), name="set_language"),
]
ACCOUNT = [
    path("account/", account_page(account.overview, _("Your account")), name="mfa_index"),
    path("account/", account_page(account.overview, _("Your account")), name="mfa_list_webauthn"),
    path(
        "account/confirm/",
        account_page(account.confirm, _("Confirm that it is you")),
        name="account_confirm",
    ),
    path(
        "account/second-factor/",
        account_page(account.second_factor, _("Second factor")),
        name="account_second_factor",
    ),
    path("account/onward/", account_page(account.onward, ""), name="account_onward"),
    path(
        "account/authenticator-app/add/",
        account_page(totp.activate_totp, _("Add an authenticator app"), proved=True),
        name="mfa_activate_totp",
    ),
    path(
        "account/authenticator-app/remove/",
        account_page(totp.deactivate_totp, _("Remove the authenticator app"), proved=True),
        name="mfa_deactivate_totp",
    ),
    path(
        "account/passkeys/add/",
        account_page(passkeys.add_webauthn, _("Add a passkey"), proved=True),
        name="mfa_add_webauthn",
    ),
    path(
        "account/passkeys/<int:pk>/rename/",
        account_page(passkeys.edit_webauthn, _("Rename a passkey"), proved=True),
        name="mfa_edit_webauthn",
    ),
    path(
        "account/passkeys/<int:pk>/remove/",
        account_page(passkeys.remove_webauthn, _("Remove a passkey"), proved=True),
        name="mfa_remove_webauthn",
    ),
    path(
        "account/recovery-codes/",
        account_page(codes.view_recovery_codes, _("Recovery codes"), proved=True),
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/recovery-codes/new/",
        account_page(codes.generate_recovery_codes, _("New recovery codes"), proved=True),
        name="mfa_generate_recovery_codes",
    ),
]
urlpatterns = [*LOGIN, *ACCOUNT]
