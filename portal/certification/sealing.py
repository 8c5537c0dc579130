"""Signing a document (PAdES B-B), so that any PDF reader tells whether a byte of it was changed.

The same document, key and moment give the same bytes. The signature names the moment of issue; nobody else
vouches for that moment.
"""

import hashlib
import io
from datetime import datetime
from typing import Any

import pikepdf
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pikepdf import Array, Dictionary, Name, String
from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.generic import ArrayObject, ByteStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko_certvalidator.registry import SimpleCertificateStore

from portal.certification import xmp
from portal.certification.keys import Key
from portal.core.clock import KST

FIELD = "IssuerSignature"
TOLD = "발급 기관의 전자 서명"
REASON = "증서 발급"
PRINTED_AND_LOCKED = 132
RESERVED = 8192
"""Hexadecimal digits kept free for the signature with its two certificates, which take about half."""


class _Signer(SimpleSigner):
    """Signs the same bytes the same way each time (RFC 6979)."""

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        """Return the signature of ``data``."""
        private: Any = serialization.load_der_private_key(self.signing_key.dump(), None)
        if digest_algorithm != "sha256":
            raise ValueError("Documents are signed with SHA-256.")
        signed: bytes = private.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        return signed


class _Writer(IncrementalPdfFileWriter):
    """Adds nothing that differs from one time to the next: neither an id by lot nor the present moment."""

    @classmethod
    def _handle_id(cls, prev: Any) -> ArrayObject:
        prev.stream.seek(0)
        second = hashlib.sha256(prev.stream.read()).digest()[:16]
        first = prev.trailer["/ID"][0]
        return ArrayObject([ByteStringObject(first.original_bytes), ByteStringObject(second)])

    def _update_meta(self) -> None:
        """Keep what the document says of itself: signing it changes none of that."""


class _Signing(PdfSigner):
    """Signs as of the moment it is told."""

    at: datetime

    def init_signing_session(self, *args: Any, **kwargs: Any) -> PdfSigningSession:
        """Return pyHanko's session with our moment."""
        session = super().init_signing_session(*args, **kwargs)
        session.system_time = self.at
        return session


def seal(document: bytes, key: Key, *, at: datetime) -> bytes:
    """Return the document signed with ``key`` as of ``at``; nothing may be changed or added afterwards."""
    signing = _Signing(
        PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
            reason=REASON,
        ),
        signer=_signer(key),
    )
    signing.at = at.astimezone(KST).replace(microsecond=0)
    kept = io.BytesIO()
    writer = _Writer(io.BytesIO(add_field(document)))
    signing.sign_pdf(writer, existing_fields_only=True, bytes_reserved=RESERVED, output=kept)
    return kept.getvalue()


def add_field(document: bytes) -> bytes:
    """Return the document with an empty signature field that screen readers name; PDF/UA wants that."""
    with pikepdf.open(io.BytesIO(document)) as pdf:
        page: Any = pdf.pages[-1].obj
        root: Any = pdf.Root
        numbers = root.StructTreeRoot.ParentTree.Nums
        place = max(int(numbers[at]) for at in range(0, len(numbers), 2)) + 1
        field = pdf.make_indirect(
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Widget,
                FT=Name.Sig,
                T=String(FIELD),
                TU=String(TOLD),
                Rect=Array([0, 0, 0, 0]),
                F=PRINTED_AND_LOCKED,
                P=page,
                StructParent=place,
            )
        )
        _name_to_screen_readers(pdf, page, field, place)
        if Name.Annots not in page:
            page.Annots = Array()
        page.Annots.append(field)
        page.Tabs = Name.S
        root.AcroForm = pdf.make_indirect(Dictionary(Fields=Array([field]), SigFlags=3))
        return xmp.save(pdf)


def _name_to_screen_readers(pdf: pikepdf.Pdf, page: Any, field: Any, place: int) -> None:
    tree: Any = pdf.Root.StructTreeRoot
    top = tree.K[0] if isinstance(tree.K, Array) else tree.K
    element = pdf.make_indirect(
        Dictionary(
            Type=Name.StructElem,
            S=Name.Form,
            P=top,
            Pg=page,
            K=Dictionary(Type=Name.OBJR, Obj=field, Pg=page),
            Alt=String(TOLD),
        )
    )
    if not isinstance(top.K, Array):
        top.K = Array([top.K])
    top.K.append(element)
    tree.ParentTree.Nums.extend([place, element])
    tree.ParentTreeNextKey = place + 1


def _signer(key: Key) -> _Signer:
    """Return what signs with ``key``; its certificate goes into the document, the root's does not."""
    private: Any = key.private
    der = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    own = next(iter(load_certs_from_pemder_data(key.chain[0].public_bytes(serialization.Encoding.DER))))
    return _Signer(
        signing_cert=own,
        signing_key=load_private_key_from_pemder_data(der, None),
        # pyHanko keeps several certificates in no order: the bytes would differ each time.
        cert_registry=SimpleCertificateStore.from_certs([]),  # type: ignore[no-untyped-call]
    )
