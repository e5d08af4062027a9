"""What people and monitors say about the availability of instruments."""
