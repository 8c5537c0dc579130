"""Marking a document as PDF/UA-1 beside PDF/A-3a: WeasyPrint writes one standard at a time."""

import io
from typing import Any

import pikepdf

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


def mark_accessible(document: bytes) -> bytes:
    """Return the document marked as PDF/UA-1, each attachment named once; the same bytes for the same."""
    with pikepdf.open(io.BytesIO(document)) as pdf:
        metadata: Any = pdf.Root.Metadata
        written = metadata.read_bytes()
        if written.count(_END) != 1:
            raise ValueError("The document's metadata is not one block that can be added to.")
        metadata.write(written.replace(_END, _PDF_UA + _END))
        if "/AF" in pdf.Root:
            # WeasyPrint 70 lists every attachment twice.
            attached: Any = pdf.Root.AF
            pdf.Root.AF = pikepdf.Array({each.objgen: each for each in attached}.values())
        return save(pdf)


def save(pdf: pikepdf.Pdf) -> bytes:
    """Return a document's bytes; its second id is made from what is in it."""
    kept = io.BytesIO()
    pdf.save(kept, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return kept.getvalue()
