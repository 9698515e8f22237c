"""Measurements that are too long for a page; run by `make bench`, never by `make test`."""
