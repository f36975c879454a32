"""A fleet with a contract for each vehicle, in PostgreSQL: what hot paths are measured on.

Every vehicle has a certificate of its own and a key that follows from its PCID, so that anybody of
the fleet can sign a request. The contracts of the first vehicles were made by the service; those of
the others are rows copied from one of these in SQL, with PCID, EMAID and fingerprints of their own,
so the octets inside are another vehicle's, which no server looks at when it hands them out.
"""

import json
import random
from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.db import connection, models

from apps.contract_pool.models import Contract
from apps.core.actor import Actor
from apps.demo import fleet
from apps.participants import selectors, tokens
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.provisioning_service import services
from benchmarks.support.asking import Ask
from tests.factories import contracts, parties, trust
from v2g.ids import Emaid, Pcid
from v2g.protocol import ISO_2_MSGDEF

BY_THE_SERVICE = 100
STATUS = "http://status.example.org"
Columns = dict[str, str]


class Fleet:
    """Vehicles 1 to `size` of one car maker, their contracts, and who may ask about them."""

    def __init__(self, size: int) -> None:
        """Fill the database that Django is set up on."""
        self.size = size
        self.world = contracts.world()
        made, owner = self.world.oem.pki, self.world.vehicle.owner
        self.owner, self.wmi = owner, str(self.world.vehicle.pcid.wmi)
        self.maker = fleet.Maker(
            owner,
            self.wmi,
            made.sub2.certificate,
            made.sub1.certificate,
            made.sub2.key,
            f"{STATUS}/ocsp",
            f"{STATUS}/crl",
        )
        for _ in fleet.add_vehicles(maker=self.maker, count=size):
            pass
        self._conclude()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")

    def _conclude(self) -> None:
        now = trust.now()
        orders = [
            services.Order(
                pcid=Pcid.parse(self.pcid(number)),
                emaid=Emaid.parse(self.emaid(number)),
                begins=now,
                ends=now + timedelta(days=300),
            )
            for number in range(1, min(BY_THE_SERVICE, self.size) + 1)
        ]
        for one in services.generate_many(actor=self.world.mo.actor, orders=orders):
            if isinstance(one, Exception):
                raise one
        contract = Contract.objects.get(pcid=self.pcid(1))
        emaid = f"'{self.emaid(0)[:6]}' || lpad(n::text, 8, '0')"
        pcid = f"'{self.pcid(0)[:-9]}' || lpad(n::text, 9, '0')"
        _copy(
            contract,
            first=len(orders) + 1,
            last=self.size,
            columns={"id": "1000 + n", "pcid": pcid, "emaid": emaid, "emaid_key": emaid},
        )
        _copy(
            contract.data.get(),
            first=len(orders) + 1,
            last=self.size,
            columns={
                "id": "1000 + n",
                "contract_id": "1000 + n",
                "certificate_fingerprint": "sha256(('certificate ' || n)::bytea)",
                "certificate_serial": "substring(sha256(('serial ' || n)::bytea) for 20)",
            },
        )

    def pcid(self, number: int) -> str:
        """The PCID of a vehicle."""
        return fleet.pcid_of(self.wmi, number)

    def emaid(self, number: int) -> str:
        """The EMAID of its contract, of 14 characters."""
        return f"{self.world.mo.provider_id}C{number:08d}"

    def draw(self, count: int, *, seed: int) -> list[int]:
        """Vehicles drawn uniformly over all of them."""
        return random.Random(seed).choices(range(1, self.size + 1), k=count)

    def installations(self, numbers: Sequence[int]) -> Iterator[dict[str, Any]]:
        """The bodies of their CertificateInstallationReqs at a charge point, signed."""
        roots = [self.world.v2g.root.certificate]
        pcids = [self.pcid(number) for number in numbers]
        rows = ProvisioningCertificate.objects.filter(pcid__in=pcids).values_list("pcid", "der")
        ders = {pcid: bytes(der) for pcid, der in rows}
        car = contracts.Car(self.world.vehicle, roots)
        for pcid in pcids:
            stream = car.request(certificate=ders[pcid], key=fleet.key_of(pcid))
            yield {
                "certificateInstallationReq": b64encode(stream).decode(),
                "xsdMsgDefNamespace": ISO_2_MSGDEF,
            }

    def asked(self, numbers: Sequence[int], *, token: str) -> dict[str, list[Ask]]:
        """Installations, and with the same bodies the reference view."""
        found: dict[str, list[Ask]] = {"installation": [], "reference": []}
        for number, body in zip(numbers, self.installations(numbers), strict=True):
            text, pcid = json.dumps(body).encode(), self.pcid(number)
            found["installation"].append(Ask.post("/v1/ccp/signedContractData", text, token))
            found["reference"].append(Ask.post(f"/v1/reference/{pcid}", text, token))
        return found


def token_of(actor: Actor) -> str:
    """An access token for an API client."""
    return tokens.issue(actor, audience="http://testserver")


def cpo_token() -> str:
    """The token of a charge point operator's backend."""
    client, _ = parties.client(organization=parties.organization(operator_ids=["DEABC"]))
    return token_of(selectors.actor_of_client(client.client_id))


def oem_token(made: Fleet) -> str:
    """The token of the car maker's backend."""
    client, _ = parties.client(organization=made.owner)
    return token_of(selectors.actor_of_client(client.client_id))


def mo_token(made: Fleet) -> str:
    """The token of the mobility operator's backend."""
    client, _ = parties.client(organization=made.world.mo.organization)
    return token_of(selectors.actor_of_client(client.client_id))


def _copy(row: models.Model, *, first: int, last: int, columns: Columns) -> None:
    """Copy a row for each number `n`, with these columns instead of its own."""
    fields = [str(field.column) for field in row._meta.concrete_fields]
    values = {name: f't."{name}"' for name in fields} | columns
    chosen, names = ", ".join(values[name] for name in fields), ", ".join(f'"{n}"' for n in fields)
    table = row._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({names}) SELECT {chosen} FROM "{table}" t'
            f" CROSS JOIN generate_series({first}, {last}) n WHERE t.id = {row.pk}"
        )
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
        )
