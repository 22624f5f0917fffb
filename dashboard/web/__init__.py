"""What every page stands on: access, fragments, texts, formats, forms, transactions, headers, error pages."""
