"""X02, X03, Q10, Q17, Q26: what strangers' programs fetch, and what a holder keeps from them."""

import io
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openvc.proof.data_integrity import DataIntegrityProofSuite
from openvc.status.status_list import check_credential_status
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import credential, keys, operations
from portal.certification.life_models import Artifact
from portal.certification.models import Certificate, CertificateState
from portal.certification.vocabulary import RevokeClass, Visibility
from portal.core import clock
from tests.conftest import Browser
from tests.factories import make_user

SignIn = Callable[[User], Browser]
Issue = Callable[[], Certificate]


def fetch(client: FlaskClient, path: str, **headers: str) -> Any:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, (path, answer.status_code)
    return json.loads(answer.data)


def address(certificate: Certificate, form: str = "") -> str:
    return f"/certification/credentials/{certificate.code}{form and '.'}{form}"


def verify(document: dict[str, Any]) -> Any:
    """Let another author's verifier judge a document, by the key that its issuer's DID is."""
    proof = document["proof"]
    single = {**document, "proof": proof[0] if isinstance(proof, list) else proof}
    extra = {each: credential.contexts()[each] for each in (credential.OPEN_BADGES, credential.EXTENSIONS)}
    return DataIntegrityProofSuite().verify(single, extra_contexts=extra)


def is_revoked(client: FlaskClient, certificate: Certificate) -> bool:
    """Tell what openvc reads of a certificate's standing from the two addresses."""
    listed = fetch(client, "/certification/status/1")
    verify(listed)
    said = fetch(client, address(certificate, "json"))
    entry = said["credentialStatus"]
    assert entry["statusListCredential"] == listed["id"] == "http://localhost/certification/status/1"
    return check_credential_status(said, resolve_status_list=lambda _url: listed).revoked


def test_x02_a_credential_is_found_at_its_own_name(client: FlaskClient, issued: Issue) -> None:
    certificate = issued()

    plain = fetch(client, address(certificate))
    path = plain["id"].removeprefix("http://localhost")
    as_text = client.get(path, headers={"Accept": "text/plain"})
    as_jwt = client.get(address(certificate, "jwt"))

    assert path == address(certificate)
    assert plain == fetch(client, address(certificate, "json"))
    assert as_text.mimetype == as_jwt.mimetype == "text/plain"
    assert as_text.data == as_jwt.data
    assert client.get(address(certificate, "json")).mimetype == "application/vc+ld+json"
    assert as_jwt.headers["Access-Control-Allow-Origin"] == "*"
    assert as_jwt.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.machines_clock
def test_x02_the_jwt_holds_for_the_keys_we_publish(client: FlaskClient, issued: Issue) -> None:
    token = client.get(address(issued(), "jwt")).text
    published = jwt.PyJWKSet.from_dict(fetch(client, "/.well-known/jwks.json"))
    kid = jwt.get_unverified_header(token)["kid"]

    claims = jwt.decode(token, published[kid], algorithms=["RS256"])

    assert claims["iss"] == fetch(client, "/certification/issuer.json")["id"]
    single = fetch(client, kid.removeprefix("http://localhost"))
    assert jwt.decode(token, jwt.PyJWK(single), algorithms=["RS256"]) == claims


@pytest.mark.machines_clock
def test_another_authors_verifier_needs_nothing_but_the_file(client: FlaskClient, issued: Issue) -> None:
    said = fetch(client, address(issued(), "json"))

    assert verify(said).issuer == fetch(client, "/certification/issuer.json")["id"]


@pytest.mark.machines_clock
def test_the_document_is_trusted_with_the_root_we_publish(
    client: FlaskClient, sign_in: SignIn, learner: User, issued: Issue
) -> None:
    certificate = issued()
    roots = list(load_certs_from_pemder_data(client.get("/certification/root.pem").data))

    document = sign_in(learner).get(f"/certification/certificates/{certificate.code}.pdf").data

    signature = PdfFileReader(io.BytesIO(document)).embedded_signatures[0]
    trusting = ValidationContext(trust_roots=roots, allow_fetching=False)
    assert validate_pdf_signature(signature, trusting).bottom_line


@pytest.mark.machines_clock
def test_x03_revoking_shows_in_the_status_list_at_once(
    client: FlaskClient, session: Session, issued: Issue, operator: User
) -> None:
    certificate = issued()
    assert not is_revoked(client, certificate)

    operations.revoke(
        session,
        certificate,
        operator,
        why=RevokeClass.ERROR,
        reason="이름이 달라요.",
        path="/",
        now=clock.now(),
    )
    session.commit()

    assert is_revoked(client, certificate)


@pytest.mark.machines_clock
def test_x03_a_superseded_one_no_longer_stands_either(
    client: FlaskClient, session: Session, issued: Issue
) -> None:
    certificate = issued()
    certificate.state, certificate.superseded_at = CertificateState.SUPERSEDED, clock.now()
    session.commit()

    assert is_revoked(client, certificate)


def test_x03_the_list_may_be_kept_a_minute_and_tells_no_numbers(client: FlaskClient, issued: Issue) -> None:
    issued()
    answer = client.get("/certification/status/1")

    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert len(answer.data) < 2048
    assert client.get("/certification/status/1").data == answer.data


def test_q10_the_served_bytes_are_the_stored_ones_for_ever(
    client: FlaskClient, session: Session, issued: Issue, learner: User
) -> None:
    certificate = issued()
    before = {form: client.get(address(certificate, form)).data for form in ("json", "jwt", "svg", "png")}
    learner.name, learner.email = "김다름", "other@example.kr"
    session.commit()

    after = {form: client.get(address(certificate, form)).data for form in before}

    assert after == before
    assert before["json"] in before["png"]


def test_nothing_strangers_fetch_names_a_person(client: FlaskClient, issued: Issue, learner: User) -> None:
    certificate = issued()
    for path in (
        *(address(certificate, form) for form in ("json", "jwt", "svg")),
        "/certification/status/1",
        "/certification/issuer.json",
    ):
        told = client.get(path).text
        for secret in (learner.name, learner.phone or "", learner.email or "", certificate.approver_name):
            assert not secret or secret not in told, path


class TestHidden:
    """Q26: a holder who shows nothing still has it; strangers hear what they hear of an unknown code."""

    @pytest.fixture
    def hidden(self, session: Session, issued: Issue) -> Certificate:
        certificate = issued()
        certificate.visibility = Visibility.OFF
        session.commit()
        return certificate

    @pytest.mark.parametrize("form", ["", "json", "jwt", "svg", "png"])
    def test_strangers_cannot_tell_it_from_none(
        self, client: FlaskClient, sign_in: SignIn, session: Session, hidden: Certificate, form: str
    ) -> None:
        stranger = sign_in(make_user(session))
        unknown = client.get(address(hidden, form).replace(hidden.code, "1" * 24))

        for browser in (client, stranger):
            answer = browser.get(address(hidden, form))
            assert answer.status_code == unknown.status_code == 404
            assert "전자 증명이 없거나" in answer.text

    def test_its_holder_and_the_issuers_have_it(
        self, sign_in: SignIn, learner: User, trainer: User, hidden: Certificate
    ) -> None:
        for user in (learner, trainer):
            answer = sign_in(user).get(address(hidden, "json"))
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == "private, no-store"
            assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.machines_clock
def test_keys_that_signed_before_a_rotation_stay_published(
    client: FlaskClient, isolated: Flask, issued: Issue
) -> None:
    certificate = issued()
    token = client.get(address(certificate, "jwt")).text
    folder = isolated.extensions["portal_settings"].signing_key_dir
    kept = {path: path.read_bytes() for path in folder.iterdir()}

    try:
        keys.rotate(folder)
        published = jwt.PyJWKSet.from_dict(fetch(client, "/.well-known/jwks.json"))
    finally:
        for path in set(folder.iterdir()) - kept.keys():
            path.unlink()
        for path, content in kept.items():
            path.write_bytes(content)

    assert len(published.keys) == 6
    assert jwt.decode(token, published[jwt.get_unverified_header(token)["kid"]], algorithms=["RS256"])


def test_an_achievement_says_what_it_stands_for(client: FlaskClient, issued: Issue) -> None:
    named = fetch(client, address(issued(), "json"))["credentialSubject"]["achievement"]

    served = fetch(client, named["id"].removeprefix("http://localhost"))

    assert {name: value for name, value in served.items() if name != "@context"} == named
    registered = fetch(client, "/certification/achievements/qualification-designer-2.json")
    assert registered["achievementType"] == "CertificateOfCompletion"
    for unknown in ("course-none", "qualification-none", "none", "-"):
        assert client.get(f"/certification/achievements/{unknown}.json").status_code == 404


def test_unknown_keys_and_a_did_without_https_are_not_found(client: FlaskClient) -> None:
    assert client.get("/certification/keys/none.json").status_code == 404
    assert client.get("/.well-known/did.json").status_code == 404


def test_without_keys_programs_are_told_to_come_back(client: FlaskClient, isolated: Flask) -> None:
    folder = isolated.extensions["portal_settings"].signing_key_dir
    folder.rename(folder.with_name("away"))
    try:
        answers = [client.get(path) for path in ("/.well-known/jwks.json", "/certification/status/1")]
    finally:
        folder.with_name("away").rename(folder)

    assert [answer.status_code for answer in answers] == [503, 503]


class TestHoldersPage:
    """The document first, the badge quietly after it."""

    def test_the_holder_is_offered_the_document_first(
        self, sign_in: SignIn, learner: User, issued: Issue
    ) -> None:
        certificate = issued()
        browser = sign_in(learner)

        page = browser.get(f"/certification/certificates/{certificate.code}/").text
        saved = browser.get(address(certificate, "png"), query_string={"save": 1})

        assert page.index(f"{certificate.code}.pdf") < page.index(f"{certificate.code}.png")
        assert saved.headers["Content-Disposition"].startswith("attachment")
        assert saved.data.startswith(b"\x89PNG")

    def test_one_issued_before_there_were_badges_keeps_working(
        self, session: Session, client: FlaskClient, sign_in: SignIn, learner: User, issued: Issue
    ) -> None:
        certificate = issued()
        session.execute(delete(Artifact))
        session.commit()
        browser = sign_in(learner)

        page = browser.get(f"/certification/certificates/{certificate.code}/")

        assert page.status_code == 200
        assert "배지" not in page.text
        assert browser.get(f"/certification/certificates/{certificate.code}.pdf").status_code == 200
        assert client.get(address(certificate, "json")).status_code == 404
        assert client.get(f"/v/{certificate.code}").status_code == 200
