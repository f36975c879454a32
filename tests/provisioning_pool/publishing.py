"""Publishing for tests, and publishing in vain."""

from typing import Any

import pytest

from apps.audit.models import AuditEvent
from apps.core.errors import DomainError
from apps.participants.models import Organization
from apps.pki.models import SubCa
from apps.provisioning_pool import services
from apps.provisioning_pool.checks import Chain
from apps.provisioning_pool.models import ProvisioningCertificate
from tests.factories import trust
from v2g.protocol import IsoVersion


def publish(
    owner: Organization, chain: Chain, version: IsoVersion = IsoVersion.ISO_2, **more: Any
) -> ProvisioningCertificate:
    return services.publish(actor=trust.oem_actor(owner), chain=chain, version=version, **more)


def refused(owner: Organization, chain: Chain, **more: Any) -> DomainError:
    """Publish in vain: nothing at all may have been written."""
    with pytest.raises(DomainError) as error:
        publish(owner, chain, **more)
    assert not ProvisioningCertificate.objects.exists()
    assert not SubCa.objects.exists()
    assert not AuditEvent.objects.filter(action="provisioning_pool.publish").exists()
    return error.value
