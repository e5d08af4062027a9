"""One list of rows, rendered in each format: table, csv, json, markdown and others."""
