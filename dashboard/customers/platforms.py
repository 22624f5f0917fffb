"""How a license file is applied, in the words of each platform: code to copy, the same for every product."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Platform:
    """A platform under the name that the catalog and license files use.

    `code` is the least that works; `embedded`, if there is one, takes the license out of the application itself.
    """

    name: str
    code: str
    embedded: str = ""

    @property
    def anchor(self) -> str:
        """Its place on the page: `python-via-net` for `Python via .NET`."""
        plain = self.name.lower().replace("++", "pp").replace(".", "")
        return "-".join(plain.split())


PLATFORMS = (
    Platform(
        ".NET",
        'var license = new License();\nlicense.SetLicense("product.lic");',
        "var license = new License();\n"
        "var assembly = typeof(Program).Assembly;\n"
        'using (var stream = assembly.GetManifestResourceStream("App.product.lic"))\n'
        "    license.SetLicense(stream);",
    ),
    Platform(
        "Java",
        'License license = new License();\nlicense.setLicense("product.lic");',
        "License license = new License();\n"
        'try (var stream = Main.class.getResourceAsStream("/product.lic")) {\n'
        "    license.setLicense(stream);\n"
        "}",
    ),
    Platform("Python via .NET", 'license = License()\nlicense.set_license("product.lic")'),
    Platform("Node.js via Java", 'const license = new product.License();\nlicense.setLicense("product.lic");'),
    Platform("C++", 'auto license = System::MakeObject<License>();\nlicense->SetLicense(u"product.lic");'),
)
