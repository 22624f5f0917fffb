"""Catalogs of texts: what translators send is checked before it is used."""
