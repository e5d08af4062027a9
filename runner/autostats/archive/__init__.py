"""Which files an archive holds: folders, S3 buckets, and whatever else fsspec reaches."""
