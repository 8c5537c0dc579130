"""What is left to do on a drawn document: QR code, marks of PDF/UA-1, a place for the signature, packing.

All of it in one opening of the file. WeasyPrint writes one standard at a time, packs every stream twice (once
only to number the file), and reads an SVG one number after the other, of which a QR code has a thousand.
"""

import base64
import io
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from portal.core.qr import Code

_DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg=="
QR_PLACE = ("image/png", base64.b64decode(_DOT))
"""A white dot that WeasyPrint draws, with its words for screen readers, where the QR code belongs."""
FIELD = "IssuerSignature"
TOLD = "발급 기관의 전자 서명"
PRINTED_AND_LOCKED = 132
_END = b"</rdf:RDF>"
_PDF_UA = b"""<rdf:Description rdf:about=""
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<pdfuaid:part>1</pdfuaid:part>
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Indicates, which part of ISO 14289 standard is followed</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""
"""PDF/A-3 demands that a schema it does not know is explained in the same place."""


def finish(document: bytes, code: Code, *, ink: str, is_signed_later: bool) -> bytes:
    """Return the document ready, with an empty signature field if wanted; the same bytes for the same."""
    with pikepdf.open(io.BytesIO(document)) as pdf:
        _place_qr(pdf, code, ink)
        _mark_accessible(pdf)
        if is_signed_later:
            _add_field(pdf)
        kept = io.BytesIO()
        # The second id is made from what is in the file.
        pdf.save(kept, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        return kept.getvalue()


def _place_qr(pdf: pikepdf.Pdf, code: Code, ink: str) -> None:
    """Put the squares of a QR code where the document has its white dot: one square of the size of one."""
    pictures: Any = pdf.pages[0].resources["/XObject"]
    (name,) = (name for name, each in pictures.items() if each.Subtype == Name.Image)
    red, green, blue = (int(ink[at : at + 2], 16) / 255 for at in (1, 3, 5))
    bars = (f"{column} {row}.5 m {column + length} {row}.5 l" for column, row, length in code.bars)
    pictures[name] = pdf.make_stream(
        "\n".join([f"{red:.4f} {green:.4f} {blue:.4f} RG 1 w", *bars, "S"]).encode(),
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, code.side, code.side]),
        # Rows are counted from above, and the page measures from below.
        Matrix=Array([1 / code.side, 0, 0, -1 / code.side, 0, 1]),
        Resources=Dictionary(),
    )


def _mark_accessible(pdf: pikepdf.Pdf) -> None:
    """Mark the document as PDF/UA-1 beside PDF/A-3a, and name each attachment once."""
    metadata: Any = pdf.Root.Metadata
    written = metadata.read_bytes()
    if written.count(_END) != 1:
        raise ValueError("The document's metadata is not one block that can be added to.")
    metadata.write(written.replace(_END, _PDF_UA + _END))
    if "/AF" in pdf.Root:
        # WeasyPrint 70 lists every attachment twice.
        attached: Any = pdf.Root.AF
        pdf.Root.AF = Array({each.objgen: each for each in attached}.values())


def _add_field(pdf: pikepdf.Pdf) -> None:
    """Add an empty signature field that screen readers name; PDF/UA wants that."""
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
