"""A file that a service has filled in holds what the same file made for that person would hold."""

from __future__ import annotations

import plistlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from xml.parsers.expat import ExpatError
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profilegen.plan.decide import make_plan
from profilegen.plan.model import TargetPlan
from profilegen.policy.model import Policy
from profilegen.policy.targets import IosTarget
from profilegen.release.cleanness import SecretRule, refuse_findings
from profilegen.release.proof import differences
from profilegen.render.artifact import Artifact, ArtifactKind
from profilegen.render.environment import open_templates
from profilegen.render.material import CertificateMaterial
from profilegen.render.render import render_target
from profilegen.render.user import User
from tests.properties.pipeline import TODAY, documents_of, loaded
from tests.support.policies import small_table

Values = Mapping[str, str]
EXAMPLES = 40
TEMPLATES = open_templates()
MATERIAL = {"own": CertificateMaterial(b"")}
KINDS = {"mail": ArtifactKind.PROFILE, "outlook": ArtifactKind.APP_CONFIGURATION}
"""What holds the account, by its client on iOS."""
FIELDS = ("email", "username", "name", "serial")
# The characters that break XML or look like a placeholder, among others.
VALUES = st.text(
    st.sampled_from("a@. &<>'\"$%{}é\u202e\U0001f600")
    | st.characters(codec="utf-8", exclude_categories=["C"]),
    min_size=1,
).filter(str.strip)
PLAIN = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1)


def as_it_is(value: str) -> str:
    return value


def go_escape(value: str) -> str:
    """Escape as EscapeText of Go's encoding/xml does, which Fleet uses."""
    return escape(value, {'"': "&#34;", "'": "&#39;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"})


@dataclass(frozen=True, eq=False)
class Service:
    """How a service fills in a file: which text it looks for, and what it does with a value.

    `names` has what the service calls each field; the only group that matches `form` is one.
    """

    id: str
    form: str
    names: Mapping[str, str]
    escape: Callable[[str], str] = as_it_is

    def fill(self, content: bytes, values: Values) -> bytes:
        own = {self.names[field]: self.escape(values[field]) for field in self.names}
        filled = re.sub(
            self.form,
            lambda match: own[next(filter(None, match.groups()))],
            content.decode(),
        )
        return filled.encode()


SERVICES = (
    Service(
        "fleet",
        r"\$FLEET_VAR_([A-Z0-9_]+)|\$\{FLEET_VAR_([A-Z0-9_]+)\}",
        {
            "email": "HOST_END_USER_IDP_USERNAME",
            "username": "HOST_END_USER_IDP_USERNAME_LOCAL_PART",
            "name": "HOST_END_USER_IDP_FULL_NAME",
            "serial": "HOST_HARDWARE_SERIAL",
        },
        go_escape,
    ),
    Service(
        "simplemdm",
        r"\{\{ ?([A-Za-z0-9_.]+) ?\}\}",
        {"email": "mail", "username": "login", "name": "full_name", "serial": "serial"},
        escape,
    ),
    Service(
        "jamf",
        r"\$([A-Z][A-Z0-9_]*)",
        {"email": "EMAIL", "username": "USERNAME", "name": "FULLNAME", "serial": "SERIALNUMBER"},
    ),
    Service(
        "kandji",
        r"\$([A-Z][A-Z0-9_]*)",
        {
            "email": "EMAIL",
            "username": "EMAIL_PREFIX",
            "name": "FULL_NAME",
            "serial": "SERIAL_NUMBER",
        },
    ),
    Service(
        "intune",
        r"\{\{([A-Za-z0-9_.]+)\}\}",
        {
            "email": "mail",
            "username": "partialupn",
            "name": "username",
            "serial": "serialnumber",
        },
    ),
    Service(
        "workspace-one",
        r"\{([A-Za-z][A-Za-z0-9_.]*)\}",
        {
            "email": "EmailAddress",
            "username": "EnrollmentUser",
            "name": "DisplayName.1",
            "serial": "DeviceSerialNumber",
        },
    ),
    Service(
        "mosyle",
        r"%([A-Za-z][A-Za-z0-9_]*)%",
        {"email": "Email", "username": "UserId", "name": "FullName", "serial": "SerialNumber"},
    ),
)
ESCAPING = tuple(service for service in SERVICES if service.escape is not as_it_is)
OTHERS = tuple(service for service in SERVICES if service.escape is as_it_is)
OWN = {
    "simplemdm": {
        field: f"{{{{{name}}}}}"
        for field, name in next(one for one in SERVICES if one.id == "simplemdm").names.items()
    },
    "workspace-one": {"name": "{DisplayName.1}"},
    "mosyle": {"username": "%UserId%"},
}


def policy_of(service: str, client: str = "mail") -> Policy:
    table = small_table(
        organization={
            "name": "Northwind & Söhne",
            "identifier": "com.northwind.mail",
            "contact": "IT",
        },
        account={
            "name": "Mail of {{ user.name }} <work>",
            "address": "{{ user.email }}",
            "username": "{{ user.username }}@northwind.example",
            "server": {"host": "mail.northwind.example", "oauth": True},
            "client": {"ios": client},
            **({"smime": {"sign": "own"}} if client == "mail" else {}),
        },
        certificates=[
            {
                "id": "own",
                "kind": "scep",
                "url": "https://ca.northwind.example",
                "subject": [{"CN": "{{ user.email }}"}, {"OU": "{{ user.serial }}, phones"}],
            }
        ],
        target={"variables": {"service": service, "fields": OWN.get(service, {})}},
    )
    return loaded(table)


def rendered(
    policy: Policy, *, user: User | None = None
) -> tuple[TargetPlan, tuple[Artifact, ...]]:
    """Return the files of the one target: with placeholders, or with the values of `user`."""
    (plan,) = make_plan(policy, today=TODAY).targets
    if user is not None:
        assert isinstance(plan.target, IosTarget)
        plan = replace(plan, target=replace(plan.target, variables=None))
    files = render_target(plan, policy, user=user, templates=TEMPLATES, certificates=MATERIAL)
    return plan, files


@cache
def with_placeholders(service: Service, client: str) -> tuple[Policy, bytes]:
    policy = policy_of(service.id, client)
    return policy, content_of(rendered(policy)[1], client)


def pair(service: Service, values: Values, client: str) -> tuple[bytes, bytes]:
    """Return the file that the service has filled in, and the one made for that person."""
    policy, content = with_placeholders(service, client)
    made = content_of(rendered(policy, user=User("", values))[1], client)
    return service.fill(content, values), made


def content_of(files: tuple[Artifact, ...], client: str) -> bytes:
    return next(item.content for item in files if item.kind == KINDS[client])


def values_from(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Values]:
    return st.fixed_dictionaries(dict.fromkeys(FIELDS, texts))


@pytest.mark.parametrize("client", KINDS)
@pytest.mark.parametrize("service", ESCAPING, ids=lambda item: item.id)
def test_where_a_service_escapes_every_value_arrives(service: Service, client: str) -> None:
    @settings(max_examples=EXAMPLES)
    @given(values_from(VALUES))
    def arrives(values: Values) -> None:
        filled, made = pair(service, values, client)
        assert plistlib.loads(filled) == plistlib.loads(made)

    arrives()


@pytest.mark.parametrize("client", KINDS)
@pytest.mark.parametrize("service", OTHERS, ids=lambda item: item.id)
def test_elsewhere_values_without_metacharacters_do(service: Service, client: str) -> None:
    @settings(max_examples=EXAMPLES)
    @given(values_from(PLAIN))
    def arrives(values: Values) -> None:
        filled, made = pair(service, values, client)
        assert plistlib.loads(filled) == plistlib.loads(made)

    arrives()


@pytest.mark.parametrize("service", OTHERS, ids=lambda item: item.id)
def test_elsewhere_others_may_break_the_file_as_the_plan_warns(service: Service) -> None:
    values = dict.fromkeys(FIELDS, "R&D")
    filled, made = pair(service, values, "mail")
    assert "R&D" in str(plistlib.loads(made))
    with pytest.raises(ExpatError):
        plistlib.loads(filled)
    notes = rendered(policy_of(service.id))[0].notes
    assert any("a value with & or < may break the file" in note for note in notes)


@pytest.mark.parametrize("client", KINDS)
@pytest.mark.parametrize("service", SERVICES, ids=lambda item: item.id)
def test_files_with_placeholders_are_clean_and_keep_the_plan(service: Service, client: str) -> None:
    plan, files = rendered(policy_of(service.id, client))
    documents = documents_of(files)
    assert differences(plan, documents) == ()
    refuse_findings(plan, documents, own_templates=False, secrets=SecretRule(allowed=True))
