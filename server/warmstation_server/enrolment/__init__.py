"""Enrolment: the deployment's own authority, single-use claims, certificates, revocation.

Pure but for `keeping` (the authority's files). `desk.Desk` is what the command line and the web
call; the registry keeps what it decides.
"""
