"""Put a paper's XML into its PDF as Factur-X does, so that one file is read by people and by programs (R27).

The file says so as PDF/A-3 wants it: an associated file (`AF`), named `factur-x.xml`, and XMP that tells what it is.
It does not claim to be PDF/A: no program that could judge that stands behind the claim.
"""

from __future__ import annotations

import io
import zlib
from datetime import UTC, datetime, time
from typing import cast
from xml.sax.saxutils import escape

from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, TextStringObject

from dashboard.invoices.rules import PaperSnapshot

#: What Factur-X demands the attachment to be called.
FILE_NAME = "factur-x.xml"

#: The file's own account of itself: what PDF says of title, author and day, and the four facts of Factur-X with the
#: description of their names, which no reader need know.
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<xmp:CreateDate>{day}</xmp:CreateDate>
<xmp:ModifyDate>{day}</xmp:ModifyDate>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#">
<fx:DocumentType>INVOICE</fx:DocumentType>
<fx:DocumentFileName>{file}</fx:DocumentFileName>
<fx:Version>1.0</fx:Version>
<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>fx</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq>
{properties}
</rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""

_PROPERTY = (
    '<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{}</pdfaProperty:name>'
    "<pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category>"
    "<pdfaProperty:description>{}</pdfaProperty:description></rdf:li>"
)

_PROPERTIES = {
    "DocumentFileName": "name of the embedded XML invoice file",
    "DocumentType": "INVOICE",
    "Version": "version of the Factur-X XML schema",
    "ConformanceLevel": "conformance level of the embedded Factur-X data",
}


def embed(drawn: bytes, xml: bytes, paper: PaperSnapshot) -> bytes:
    """The `drawn` PDF of a paper with its XML inside; its pages stay as they are, and the same in gives the same out.

    Args:
        paper: tells the day that the attachment is of, in UTC.
    """
    writer = PdfWriter(clone_from=io.BytesIO(drawn))
    said = writer.metadata
    assert said is not None  # every page has a title
    on = datetime.combine(paper.issued_on, time(12), UTC)  # as the file itself is dated
    attached = writer.add_attachment(FILE_NAME, zlib.compress(xml))
    _part(attached.pdf_object, "/EF", "/F")[NameObject("/Filter")] = NameObject("/FlateDecode")
    attached.size = NumberObject(len(xml))
    attached.alternative_name = TextStringObject(FILE_NAME)
    attached.description = TextStringObject("EN 16931 (Factur-X)")
    attached.subtype = NameObject("/text/xml")
    attached.associated_file_relationship = NameObject("/Alternative")
    attached.creation_date = attached.modification_date = on
    writer.root_object[NameObject("/AF")] = ArrayObject([attached.pdf_object.indirect_reference])
    writer.xmp_metadata = _XMP.format(
        title=escape(said.title or ""),
        author=escape(said.author or ""),
        subject=escape(said.subject or ""),
        day=f"{on:%Y-%m-%dT%H:%M:%SZ}",
        file=FILE_NAME,
        properties="\n".join(_PROPERTY.format(name, text) for name, text in _PROPERTIES.items()),
    ).encode()
    told = _part(writer.root_object, "/Metadata")
    told[NameObject("/Type")], told[NameObject("/Subtype")] = NameObject("/Metadata"), NameObject("/XML")
    writer.pdf_header = "%PDF-1.7"  # that of PDF/A-3: earlier ones know no associated files
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def _part(of: DictionaryObject, *names: str) -> DictionaryObject:
    """A dictionary inside dictionaries, by the names on the way to it."""
    for name in names:
        of = cast(DictionaryObject, of[name].get_object())
    return of
