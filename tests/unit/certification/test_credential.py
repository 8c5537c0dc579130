"""Q17, Q18, K4: the credential holds for another author's verifier, names nobody, and bears no change."""

import copy
import gzip
import hashlib
import json
import struct
import zlib
from base64 import urlsafe_b64decode
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jwt
import pytest
from openbadgeslib.baking import extract_png, extract_svg
from openbadgeslib.ob3.ldp import OB3LdpVerifier
from openbadgeslib.ob3.verifier import OB3VerificationError
from openvc.proof.data_integrity import DataIntegrityProofSuite
from openvc.proof.errors import ProofError
from openvc.status.bitstring import decode_bitstring, get_status_bit
from openvc.status.status_list import check_credential_status
from pyld.jsonld import JsonLdError

from portal.certification import badge, credential, keys, status_list
from portal.certification.credential import ContextError
from portal.certification.keys import Ring
from tests.conftest import make_settings
from tests.unit.certification.certificate_facts import COMPLETION, QUALIFICATION, URL, list_leaves

NOW = datetime(2026, 12, 1, tzinfo=UTC)
FACTS = pytest.mark.parametrize("facts", [COMPLETION, QUALIFICATION], ids=["completion", "qualification"])


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Ring:
    folder: Path = tmp_path_factory.mktemp("ring")
    return keys.current(
        make_settings(folder, database_url="sqlite://", redis_url="unix:///nowhere", is_demo=True)
    )


def verify(secured: dict[str, Any], key: dict[str, str] | None) -> Any:
    """Let openvc, which is not ours, verify the proof; with no key it takes the one the issuer's DID is."""
    proof = secured["proof"]
    single = {**secured, "proof": proof[0] if isinstance(proof, list) else proof}
    extra = {each: credential.contexts()[each] for each in (credential.OPEN_BADGES, credential.EXTENSIONS)}
    return DataIntegrityProofSuite().verify(single, public_key_jwk=key, now=NOW, extra_contexts=extra)


@FACTS
def test_another_authors_verifier_accepts_it(ring: Ring, facts: Any) -> None:
    made = json.loads(credential.make(facts, ring, public_url=URL).json)

    assert verify(made, ring.credential.jwk).issuer == "did:web:jangteo.example"


def test_a_second_library_reads_it_as_an_open_badge_and_finds_a_changed_letter(ring: Ring) -> None:
    """openbadgeslib also holds the structure against Open Badges 3.0."""
    made = credential.make(COMPLETION, ring, public_url="http://localhost:8000").json.decode()

    read = OB3LdpVerifier().verify(made)

    assert read.achievement.name == "온라인 판매 첫걸음"
    with pytest.raises(OB3VerificationError):
        OB3LdpVerifier().verify(made.replace("첫걸음", "첫걸움", 1))


def test_without_https_the_issuer_is_its_key_and_needs_no_network(ring: Ring) -> None:
    made = json.loads(credential.make(COMPLETION, ring, public_url="http://localhost:8000").json)

    assert verify(made, None).issuer.startswith("did:key:z6Mk")


def test_the_same_certificate_gives_the_same_bytes(ring: Ring) -> None:
    assert credential.make(COMPLETION, ring, public_url=URL) == credential.make(
        COMPLETION, ring, public_url=URL
    )


@FACTS
def test_no_value_in_it_can_change_unnoticed(ring: Ring, facts: Any) -> None:
    """A word that no context knows would be left out of what is signed, without an error."""
    made = credential.describe(facts, ring, public_url=URL)
    signed = credential.canonical(made)

    for path in list_leaves({name: value for name, value in made.items() if name != "@context"}):
        changed = copy.deepcopy(made)
        holder: Any = changed
        for step in path[:-1]:
            holder = holder[step]
        value = holder[path[-1]]
        holder[path[-1]] = (not value) if isinstance(value, bool) else f"{value}0"
        assert credential.canonical(changed) != signed, path


@pytest.mark.parametrize("field", ["name", "validFrom", "description"])
def test_a_changed_letter_is_found(ring: Ring, field: str) -> None:
    made = json.loads(credential.make(COMPLETION, ring, public_url=URL).json)
    made[field] = made[field].replace(made[field][-2], "9", 1)

    with pytest.raises(ProofError):
        verify(made, ring.credential.jwk)


def test_a_changed_place_in_the_status_list_is_found(ring: Ring) -> None:
    made = json.loads(credential.make(COMPLETION, ring, public_url=URL).json)
    made["credentialStatus"]["statusListIndex"] = "94568"

    with pytest.raises(ProofError):
        verify(made, ring.credential.jwk)


@FACTS
def test_q32_it_names_nobody_and_the_number_is_all_that_is_counted(ring: Ring, facts: Any) -> None:
    made = credential.make(facts, ring, public_url=URL)
    shown = made.json.decode() + json.dumps(_claims(made.jwt), ensure_ascii=False)

    for secret in ("김순자", "soonja", "example.kr", "한지우"):
        assert secret not in shown, secret


def test_q18_the_address_is_hashed_with_a_salt_of_its_own(ring: Ring) -> None:
    other = replace(COMPLETION, code="111111111111111111111111")
    first, second = (
        credential.describe(each, ring, public_url=URL)["credentialSubject"]["identifier"][0]
        for each in (COMPLETION, other)
    )

    assert first["hashed"] is True
    assert first["salt"] != second["salt"]
    expected = hashlib.sha256(f"soonja@example.kr{first['salt']}".encode()).hexdigest()
    assert first["identityHash"] == f"sha256${expected}"


def test_q18_a_telephone_number_which_trying_would_find_is_not_even_hashed(ring: Ring) -> None:
    subject = credential.describe(replace(COMPLETION, holder_email=None), ring, public_url=URL)[
        "credentialSubject"
    ]

    assert "identifier" not in subject
    assert subject["id"] == COMPLETION.credential_uuid


def test_a_completion_is_never_called_a_qualification(ring: Ring) -> None:
    plain = credential.describe(COMPLETION, ring, public_url=URL)
    registered = credential.describe(QUALIFICATION, ring, public_url=URL)

    assert plain["credentialSubject"]["achievement"]["achievementType"] == "CertificateOfCompletion"
    assert "자격증이 아니에요" in plain["credentialSubject"]["achievement"]["description"]
    assert "validUntil" not in plain
    described = registered["credentialSubject"]["achievement"]
    assert described["achievementType"] == "Certification"
    assert "등록번호 0000-000000" in described["description"]
    assert "국가가 공인한 자격이 아니라" in described["description"]
    assert registered["validUntil"] == "2029-01-11T14:59:59Z"


@FACTS
def test_x02_the_jwt_says_the_same_and_holds_for_the_published_key(ring: Ring, facts: Any) -> None:
    made = credential.make(facts, ring, public_url=URL)
    key = credential.jwk_of(ring.jwt, public_url=URL)

    claims = jwt.decode(made.jwt, jwt.PyJWK(key), algorithms=["RS256"])

    said = json.loads(made.json)
    assert {name: claims[name] for name in said if name != "proof"} == {
        name: value for name, value in said.items() if name != "proof"
    }
    assert (claims["iss"], claims["jti"]) == (said["issuer"]["id"], said["id"])
    assert jwt.get_unverified_header(made.jwt)["kid"] == key["kid"]


def test_a_changed_letter_of_the_jwt_is_found(ring: Ring) -> None:
    made = credential.make(COMPLETION, ring, public_url=URL).jwt.decode()
    head, body, signature = made.split(".")
    changed = ".".join((head, body[:50] + ("A" if body[50] != "A" else "B") + body[51:], signature))

    with pytest.raises(jwt.InvalidTokenError):
        jwt.decode(changed, jwt.PyJWK(ring.jwt.jwk, algorithm="RS256"), algorithms=["RS256"])


def test_a_context_that_is_not_ours_is_refused_and_never_fetched() -> None:
    with pytest.raises(JsonLdError) as refused:
        credential.canonical({"@context": "https://example.com/context.json", "name": "x"})

    assert "not one of the contexts we know" in str(refused.getrepr(chain=True))


def test_a_context_file_that_changed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "context.json").write_text("{}")

    with pytest.raises(ContextError, match=r"context\.json"):
        credential._read(tmp_path / "context.json", "0" * 64)


def test_our_did_names_every_key_that_ever_signed(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, database_url="sqlite://", redis_url="unix:///nowhere", is_demo=True)
    old = keys.current(settings)
    signed = json.loads(credential.make(COMPLETION, old, public_url=URL).json)
    keys.rotate(settings.signing_key_dir)
    new = keys.current(settings)

    document = credential.did_document(new, public_url=URL)

    methods = {each["id"]: each["publicKeyMultibase"] for each in document["verificationMethod"]}
    assert signed["proof"][0]["verificationMethod"] in methods
    assert len(document["assertionMethod"]) == 2
    verify(signed, new.of("credential")[0].jwk)


@pytest.mark.parametrize(
    ("address", "did"),
    [
        ("https://jangteo.example", "did:web:jangteo.example"),
        ("https://jangteo.example:8443", "did:web:jangteo.example%3A8443"),
    ],
)
def test_a_did_follows_the_public_address(ring: Ring, address: str, did: str) -> None:
    assert credential.issuer_id(ring.credential, public_url=address) == did


class TestStatusList:
    """X03, by openvc's decoder and by hand."""

    def test_it_marks_exactly_the_ended(self, ring: Ring) -> None:
        made = status_list.make([0, 9, 131_071], ring, public_url=URL, issuer_name="장터배움", now=NOW)
        bits = decode_bitstring(made["credentialSubject"]["encodedList"])

        assert [at for at in range(len(bits) * 8) if get_status_bit(bits, at)] == [0, 9, 131_071]
        packed = made["credentialSubject"]["encodedList"].removeprefix("u")
        assert gzip.decompress(urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))[:2] == b"\x80\x40"
        verify(made, ring.credential.jwk)

    def test_a_verifier_sees_the_credential_revoked(self, ring: Ring) -> None:
        said = credential.describe(COMPLETION, ring, public_url=URL)
        lists = {
            ended: status_list.make(list(ended), ring, public_url=URL, issuer_name="장터배움", now=NOW)
            for ended in ((), (94567,))
        }

        stands = check_credential_status(said, resolve_status_list=lambda _url: lists[()])
        ended = check_credential_status(said, resolve_status_list=lambda _url: lists[94567,])

        assert (stands.revoked, ended.revoked) == (False, True)


class TestBadge:
    """Q17: pictures that carry the credential."""

    SHOWN = badge.Badge("수료증", "온라인 판매 첫걸음", "장터배움", "2026년 11월 23일")
    CARRIED = '{"name":"온라인 ]]> 첫걸음"}'.encode()

    def test_the_png_gives_the_credential_back(self) -> None:
        picture = badge.draw_png(self.SHOWN, self.CARRIED)

        length, kind = struct.unpack(">I4s", picture[33:41])
        content = picture[41 : 41 + length]
        checksum = struct.unpack(">I", picture[41 + length : 45 + length])[0]
        assert kind == b"iTXt"
        assert checksum == zlib.crc32(kind + content)
        keyword, _flags, carried = content[:19], content[19:24], content[24:]
        assert (keyword, carried) == (b"openbadgecredential", self.CARRIED)

    def test_the_svg_gives_the_credential_back(self) -> None:
        tree = ET.fromstring(badge.draw_svg(self.SHOWN, self.CARRIED))  # noqa: S314 - our own

        carried = tree.find(f"{{{badge.NAMESPACE}}}credential")
        assert carried is not None
        assert (carried.text or "").encode() == self.CARRIED

    def test_another_library_takes_it_out_of_both(self) -> None:
        carried = b'{"name":"x"}'

        png = extract_png(badge.draw_png(self.SHOWN, carried), keyword=badge.PNG_KEYWORD)
        svg = extract_svg(
            badge.draw_svg(self.SHOWN, carried), element="openbadges:credential", text_fallback=True
        )

        assert png == svg == carried.decode()

    def test_both_are_the_same_bytes_each_time_and_small(self) -> None:
        first = (badge.draw_svg(self.SHOWN, self.CARRIED), badge.draw_png(self.SHOWN, self.CARRIED))
        again = (badge.draw_svg(self.SHOWN, self.CARRIED), badge.draw_png(self.SHOWN, self.CARRIED))

        assert first == again
        assert max(map(len, first)) < 200_000

    @pytest.mark.parametrize("title", ["가", "디지털 유통설계사 2급", "가나다라 " * 12, "가" * 40])
    def test_a_title_of_any_length_stays_inside_the_ring(self, title: str) -> None:
        lines = list(badge.lines(replace(self.SHOWN, title=title.strip())))

        assert len(lines) <= 6
        assert max(len(line.text) * line.size for line in lines) <= 420
        assert "".join(line.text for line in lines[1:-2]).replace(" ", "") == title.replace(" ", "")


def _claims(token: bytes) -> Any:
    return jwt.decode(token, options={"verify_signature": False})
