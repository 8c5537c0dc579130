"""Signing a document (PAdES B-B), so that any PDF reader tells whether a byte of it was changed.

The same document, key and moment give the same bytes. The signature names the moment of issue; nobody else
vouches for that moment.
"""

import hashlib
import io
from datetime import datetime
from typing import Any, Self

from asn1crypto import tsp
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.generic import ArrayObject, ByteStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.attributes import SignedAttributeProviderSpec, SigningCertificateV2Provider
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko_certvalidator.registry import SimpleCertificateStore

from portal.certification import finishing
from portal.certification.keys import Key
from portal.core.clock import KST

REASON = "증서 발급"
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


class _SignersCertificate(SigningCertificateV2Provider, SignedAttributeProviderSpec):
    """Says by which certificate a document is signed: all that PAdES wants signed beside the digest."""

    def signed_attr_providers(self, data_digest: bytes, digest_algorithm: str) -> tuple[Self]:
        """Return what says it."""
        return (self,)

    async def build_attr_value(self, dry_run: bool = False) -> tsp.SigningCertificateV2:
        """Return it as if it had been read: asn1crypto writes what it made anew for each level above it."""
        made = await super().build_attr_value(dry_run)
        return tsp.SigningCertificateV2.load(made.dump())


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
    """Return the document signed with ``key`` as of ``at``; nothing may be changed or added afterwards.

    It has the empty field that `finishing.finish` puts into documents with a credential.
    """
    signing = _Signing(
        PdfSignatureMetadata(
            field_name=finishing.FIELD,
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
    writer = _Writer(io.BytesIO(document))
    signing.sign_pdf(writer, existing_fields_only=True, bytes_reserved=RESERVED, output=kept)
    return kept.getvalue()


def _signer(key: Key) -> _Signer:
    """Return what signs with ``key``; its certificate goes into the document, the root's does not."""
    private: Any = key.private
    der = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    own = next(iter(load_certs_from_pemder_data(key.chain[0].public_bytes(serialization.Encoding.DER))))
    signer = _Signer(
        signing_cert=own,
        signing_key=load_private_key_from_pemder_data(der, None),
        # pyHanko keeps several certificates in no order: the bytes would differ each time.
        cert_registry=SimpleCertificateStore.from_certs([]),  # type: ignore[no-untyped-call]
    )
    signer.signed_attr_prov_spec = _SignersCertificate(own)
    return signer
