"""Pro-formas, invoices and credit notes: numbered without gaps, kept as snapshots, drawn as PDF (R19, R27)."""
