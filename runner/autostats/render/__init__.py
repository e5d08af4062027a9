"""One list of rows, four renderings: table, csv, json and markdown."""
