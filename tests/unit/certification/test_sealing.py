"""K4, Q10, Q22: what others' programs say of a sealed document, and of one with a single byte changed."""

import io
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from portal.certification import credential, finishing, jobs, keys, sealing
from portal.certification.jobs import Made
from portal.certification.keys import Ring
from portal.certification.pdf import CREDENTIAL_FILE, Press, make_sheet
from portal.core.settings import Settings
from tests.conftest import make_settings
from tests.servers import PATIENCE_S
from tests.unit.certification.certificate_facts import COMPLETION

Run = Callable[..., str]
MOST_BYTES = 1024 * 1024


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder: Path = tmp_path_factory.mktemp("sealed")
    return make_settings(folder, database_url="sqlite://", redis_url="unix:///nowhere", is_demo=True)


@pytest.fixture(scope="module")
def ring(settings: Settings) -> Ring:
    return keys.current(settings)


@pytest.fixture(scope="module")
def made(settings: Settings, ring: Ring) -> Made:
    with Press() as press:
        return jobs.make(COMPLETION, press, ring, settings)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that gives a program the document and returns what it says; skips without it."""

    def run(program: str, *options: str, document: bytes) -> str:
        found = shutil.which(program)
        if found is None:
            pytest.skip(f"{program} is not installed (Debian: poppler-utils, qpdf).")
        path = tmp_path / "document.pdf"
        path.write_bytes(document)
        # pdfsig makes itself a store of certificates in the home folder.
        environment = {**os.environ, "HOME": str(tmp_path)}
        told = subprocess.run(
            [found, *options, str(path)],
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            env=environment,
            check=False,
        )
        return told.stdout + told.stderr

    return run


def validate(document: bytes, ring: Ring) -> Any:
    """Return pyHanko's own verdict, trusting our roots and nothing else, without a network."""
    pem = b"".join(each.public_bytes(serialization.Encoding.PEM) for each in ring.roots())
    trusting = ValidationContext(trust_roots=list(load_certs_from_pemder_data(pem)), allow_fetching=False)
    signature = PdfFileReader(io.BytesIO(document)).embedded_signatures[0]
    return validate_pdf_signature(signature, trusting)


def tampered(document: bytes) -> bytes:
    """Return the document with one byte of its date changed, inside the signed range."""
    at = document.index(b"/CreationDate") + len(b"/CreationDate (D:")
    return document[:at] + (b"3" if document[at : at + 1] != b"3" else b"4") + document[at + 1 :]


def test_the_same_certificate_gives_the_same_bytes(settings: Settings, ring: Ring, made: Made) -> None:
    with Press() as press:
        assert jobs.make(COMPLETION, press, ring, settings) == made


def test_q16_pyhanko_finds_it_whole_trusted_and_closed(made: Made, ring: Ring) -> None:
    verdict = validate(made.pdf, ring)

    assert verdict.bottom_line
    assert verdict.coverage is SignatureCoverageLevel.ENTIRE_FILE
    assert verdict.modification_level is ModificationLevel.NONE
    assert verdict.signer_reported_dt == COMPLETION.issued_at.replace(microsecond=0)


def test_pyhanko_finds_a_changed_byte(made: Made, ring: Ring) -> None:
    verdict = validate(tampered(made.pdf), ring)

    assert not verdict.intact
    assert not verdict.bottom_line


def test_pyhanko_trusts_no_other_house(made: Made, tmp_path: Path) -> None:
    keys.make(tmp_path / "keys")
    others = keys.current(
        make_settings(tmp_path, database_url="sqlite://", redis_url="unix:///nowhere", is_demo=False)
    )

    assert not validate(made.pdf, others).bottom_line


@pytest.mark.machines_clock
def test_what_was_signed_before_a_rotation_is_still_trusted(
    made: Made, settings: Settings, ring: Ring, tmp_path: Path
) -> None:
    shutil.copytree(settings.signing_key_dir, tmp_path / "keys")
    keys.rotate(tmp_path / "keys")
    rotated = keys.current(make_settings(tmp_path, database_url="sqlite://", redis_url="unix:///nowhere"))

    again = sealing.seal(made.drawn, rotated.pdf, at=COMPLETION.issued_at)

    assert validate(made.pdf, rotated).bottom_line
    assert validate(again, rotated).bottom_line
    assert again != made.pdf


def test_q16_pdfsig_finds_it_valid_and_wholly_signed(made: Made, run: Run) -> None:
    told = run("pdfsig", document=made.pdf)

    assert "Signature is Valid." in told
    assert "Total document signed" in told
    assert "ETSI.CAdES.detached" in told


def test_pdfsig_finds_a_changed_byte(made: Made, run: Run) -> None:
    told = run("pdfsig", document=tampered(made.pdf))

    assert "Digest Mismatch" in told
    assert "Signature is Valid." not in told


def test_its_syntax_is_sound(made: Made) -> None:
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf:
        assert pdf.check_pdf_syntax() == []


def test_qpdf_finds_its_syntax_sound(made: Made, run: Run) -> None:
    assert "No syntax or stream encoding errors found" in run("qpdf", "--check", document=made.pdf)


def test_q22_pdffonts_finds_every_typeface_inside(made: Made, run: Run) -> None:
    rows = run("pdffonts", document=made.pdf).splitlines()[2:]

    assert rows
    assert {row[-22:-12].split()[0] for row in rows} == {"yes"}, rows


def test_q22_it_stays_small(made: Made) -> None:
    assert len(made.pdf) < MOST_BYTES / 4
    assert max(len(made.badge_png), len(made.badge_svg)) < MOST_BYTES / 4


def test_it_is_made_to_be_kept_and_to_be_read_aloud(made: Made) -> None:
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf:
        root: Any = pdf.Root
        written = root.Metadata.read_bytes().decode()
        field = root.AcroForm.Fields[0]
        alternatives = [str(each.Alt) for each in pdf.objects if "/Alt" in _keys(each)]

    assert 'pdfaid:part="3"' in written
    assert 'pdfaid:conformance="A"' in written
    assert "<pdfuaid:part>1</pdfuaid:part>" in written
    assert written.count("</rdf:RDF>") == 1
    assert (bool(root.MarkInfo.Marked), str(root.Lang)) == (True, "ko")
    assert len(root.OutputIntents) == 1
    assert str(field.TU) == finishing.TOLD
    assert finishing.TOLD in alternatives


def test_the_credential_is_inside_once_and_is_the_one_handed_out(made: Made) -> None:
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf:
        root: Any = pdf.Root
        attached = pdf.attachments[CREDENTIAL_FILE].get_file()
        carried, mime_type = attached.read_bytes(), attached.mime_type
        kinds = [str(each.AFRelationship) for each in root.AF]

    assert (carried, mime_type) == (made.credential, "application/json")
    assert kinds == ["/Data"]
    assert json.loads(made.credential)["credentialSubject"]["licenseNumber"] == COMPLETION.number


def test_what_is_drawn_anew_with_the_stored_credential_is_what_was_signed(made: Made) -> None:
    """K30 rests on this: the credential is not made anew, since its keys may have changed."""
    with Press() as press:
        sheet = make_sheet(COMPLETION, public_url="http://localhost", is_demo=True)
        again = press.draw(sheet, made.credential)

    assert again == made.drawn
    assert made.pdf.startswith(again)


def test_the_signature_covers_which_certificate_made_it(made: Made, ring: Ring) -> None:
    """PAdES wants it: without it somebody could put another certificate of the same key in its place."""
    signature = PdfFileReader(io.BytesIO(made.pdf)).embedded_signatures[0]
    signed = {each["type"].native: each["values"] for each in signature.signer_info["signed_attrs"]}
    (named,) = signed["signing_certificate_v2"][0]["certs"]

    assert set(signed) == {"content_type", "message_digest", "signing_certificate_v2"}
    assert named["cert_hash"].native == ring.pdf.chain[0].fingerprint(hashes.SHA256())


def test_the_badge_carries_the_credential(made: Made) -> None:
    assert made.credential in made.badge_png
    assert b"<openbadges:credential><![CDATA[" + made.credential in made.badge_svg
    assert credential.SUITE.encode() in made.badge_png


def _keys(each: Any) -> Any:
    return each.keys() if isinstance(each, pikepdf.Dictionary) else ()
