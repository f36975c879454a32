"""Asking for the status of paths, as services and selectors do."""

from typing import Any

import pytest

from apps.core.errors import Invalid
from apps.pki import status
from apps.pki.status import Source, StatusPolicy
from tests.factories import pki, trust
from v2g.pki.anchors import Anchor, Anchors, RootKind
from v2g.pki.chains import CheckedChain, check_chain
from v2g.pki.profiles import OEM_LEAF

CRL_FIRST = StatusPolicy(order=(Source.CRL, Source.OCSP))
OCSP_FIRST = StatusPolicy(order=(Source.OCSP, Source.CRL))


def path(made: pki.Pki, leaf: pki.Holder) -> CheckedChain:
    anchors = Anchors([Anchor(made.root.certificate, RootKind.OEM)])
    return check_chain(
        leaf.certificate,
        made.sub_cas,
        anchors,
        profile=OEM_LEAF,
        version=made.version,
        at=trust.now(),
    )


def ask(chain: CheckedChain, policy: StatusPolicy = CRL_FIRST) -> tuple[Any, ...]:
    return status.check_now(chain, policy=policy, at=trust.now())


def read(chain: CheckedChain, policy: StatusPolicy = CRL_FIRST) -> tuple[Any, ...]:
    return status.stored(chain, policy=policy, at=trust.now())


def refusal(chain: CheckedChain, policy: StatusPolicy = CRL_FIRST) -> str:
    with pytest.raises(Invalid) as refused:
        ask(chain, policy)
    return refused.value.code
